//! The customer source that runs an extractor of the app.

use std::{any::type_name, fmt, marker::PhantomData};

/// A customer source that runs the app's own extractor (or request guard) `U`. The adapters have a function that makes
/// it.
pub struct FromExtractor<U>(PhantomData<fn() -> U>);

impl<U> FromExtractor<U> {
    /// Makes a customer source that runs `U`.
    #[must_use]
    pub const fn new() -> Self {
        Self(PhantomData)
    }
}

impl<U> Default for FromExtractor<U> {
    fn default() -> Self {
        Self::new()
    }
}

impl<U> Clone for FromExtractor<U> {
    fn clone(&self) -> Self {
        Self::new()
    }
}

impl<U> fmt::Debug for FromExtractor<U> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "FromExtractor<{}>", type_name::<U>())
    }
}
