//! The customer source of a mount, and what it found for one request.

use std::{fmt, ops::Deref, sync::Arc};

/// The customer source of one mount, shared by everything that asks it. Two are the same if one is a clone of the other.
pub struct SharedSource<S: ?Sized>(Arc<S>);

/// What a source found, for the adapter to keep with the request.
pub struct Found<S: ?Sized, T> {
    source: SharedSource<S>,
    found: T,
}

impl<S: ?Sized> SharedSource<S> {
    /// Shares a source.
    #[must_use]
    pub fn new(source: Arc<S>) -> Self {
        Self(source)
    }

    /// Marks what this source found as its own.
    pub fn keep<T>(&self, found: T) -> Found<S, T> {
        Found { source: self.clone(), found }
    }

    /// What is kept with the request, if this source found it and not the one of another mount.
    #[must_use]
    pub fn kept<T: Clone>(&self, kept: Option<&Found<S, T>>) -> Option<T> {
        kept.filter(|kept| Arc::ptr_eq(&kept.source.0, &self.0)).map(|kept| kept.found.clone())
    }
}

impl<S: ?Sized> Deref for SharedSource<S> {
    type Target = S;

    fn deref(&self) -> &S {
        &self.0
    }
}

impl<S: ?Sized> Clone for SharedSource<S> {
    fn clone(&self) -> Self {
        Self(Arc::clone(&self.0))
    }
}

impl<S: ?Sized> fmt::Debug for SharedSource<S> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("SharedSource")
    }
}

impl<S: ?Sized, T: Clone> Clone for Found<S, T> {
    fn clone(&self) -> Self {
        self.source.keep(self.found.clone())
    }
}

impl<S: ?Sized, T: fmt::Debug> fmt::Debug for Found<S, T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_tuple("Found").field(&self.found).finish()
    }
}
