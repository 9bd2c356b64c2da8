//! Why an outbox cannot be opened.

use std::path::{Path, PathBuf};

use crate::error::{Cause, printable, shared};

/// Why an outbox cannot be opened. `Display` says what to do.
#[derive(Clone, Debug, thiserror::Error)]
#[non_exhaustive]
pub enum OpenError {
    /// Another process has the folder, or another outbox of this one.
    #[error(
        "the outbox in {} is in use; give each process a folder of its own, or stop the other one first",
        folder.display()
    )]
    #[non_exhaustive]
    InUse {
        /// The folder.
        folder: PathBuf,
    },
    /// The folder cannot be created, read or written.
    #[error("the folder {} of the outbox cannot be used: {}", folder.display(), printable(&cause.to_string()))]
    #[non_exhaustive]
    Folder {
        /// The folder.
        folder: PathBuf,
        /// The error of the operating system.
        #[source]
        cause: Cause,
    },
    /// The file in the folder is not what this version of the crate reads: damaged, or of a newer version.
    #[error(
        "the outbox in {} cannot be read: {}. It may hold usage that Flowglad does not have yet: keep its files, and use \
         another folder until they are repaired",
        folder.display(),
        printable(&cause.to_string())
    )]
    #[non_exhaustive]
    Unreadable {
        /// The folder.
        folder: PathBuf,
        /// What is wrong with it.
        #[source]
        cause: Cause,
    },
}

impl OpenError {
    pub(super) fn folder(folder: &Path, error: std::io::Error) -> Self {
        Self::Folder { folder: folder.to_owned(), cause: shared(error) }
    }

    pub(super) fn unreadable(folder: &Path, problem: String) -> Self {
        Self::Unreadable { folder: folder.to_owned(), cause: shared(problem) }
    }
}
