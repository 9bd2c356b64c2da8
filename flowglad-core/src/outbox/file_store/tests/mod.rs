//! The store on a disk that fails, crashes and is full, compared with a simple model; and the store in real files.

mod expected;
mod files;
mod model;
mod simulated_disk;
