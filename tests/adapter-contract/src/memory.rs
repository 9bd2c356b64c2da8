//! The memory that this process has allocated, counted.

use std::alloc::System;

use cap::Cap;

#[global_allocator]
static ALLOCATOR: Cap<System> = Cap::new(System, usize::MAX);

/// One mebibyte.
pub const MEBIBYTE: usize = 1024 * 1024;

/// How many bytes are allocated now.
#[must_use]
pub fn allocated() -> usize {
    ALLOCATOR.allocated()
}

/// How many bytes were allocated at most.
#[must_use]
pub fn max_allocated() -> usize {
    ALLOCATOR.max_allocated()
}

/// The `start`, then `part` as often as it fits into a mebibyte, then the `end`.
#[must_use]
pub fn mebibyte_of(start: &str, part: &str, end: &str) -> String {
    let parts = (MEBIBYTE - start.len() - end.len()) / part.len();
    format!("{start}{}{end}", part.repeat(parts))
}
