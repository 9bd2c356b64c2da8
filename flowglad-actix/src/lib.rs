#![doc = include_str!("../README.md")]
#![forbid(unsafe_code)]

mod extract;
mod mount;
mod route;
mod source;

pub use extract::Customer;
pub use flowglad_core;
pub use mount::Mount;
pub use source::{CustomerSource, from_extractor};
