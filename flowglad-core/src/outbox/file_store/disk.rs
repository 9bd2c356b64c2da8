//! Where the file is.

use std::{
    fs::{self, File, OpenOptions, TryLockError},
    io::{self, Read as _, Seek as _, SeekFrom, Write as _},
    path::{Path, PathBuf},
};

use redb::{Builder, Database, DatabaseError, backends::FileBackend};

use crate::outbox::open_error::OpenError;

/// The memory that the database uses for pages. A queue reads its ends only.
const CACHE_BYTES: usize = 8 * 1024 * 1024;

/// A file up to this size is checked as a whole when it is opened, so that damage is found then and not in the middle.
pub(super) const CHECKED_BYTES: u64 = 256 * 1024 * 1024;

/// The disk that a database is on. Tests have one that fails.
pub(super) trait Disk: Send + 'static {
    /// Opens the database, or creates it.
    fn open(&self) -> Result<Database, DatabaseError>;

    /// The size of the file.
    fn size(&self) -> io::Result<u64>;

    /// Writes the file's content to the disk once more.
    ///
    /// After an error of the disk, the operating system may take pages for written that are not: reading shows them, and
    /// after the next crash they are lost. Each page that is written anew counts as unwritten until it is on the disk.
    fn write_again(&self) -> io::Result<()>;
}

pub(super) fn builder(size: u64) -> Builder {
    let mut builder = Builder::new();
    builder.set_cache_size(CACHE_BYTES).set_check_integrity_on_open(size <= CHECKED_BYTES);
    builder
}

/// The file in a folder that belongs to this process as long as this value lives.
#[derive(Debug)]
pub(super) struct Folder {
    file: PathBuf,
    /// The lock is on a file of its own, since the database's file is closed for a moment after an error.
    _lock: File,
}

impl Folder {
    pub(super) fn claim(folder: &Path) -> Result<Self, OpenError> {
        let failed = |error| OpenError::folder(folder, error);
        let is_new = !folder.exists();
        create_folder(folder).map_err(failed)?;
        let lock = create_file(&folder.join("usage.lock")).map_err(failed)?;
        match lock.try_lock() {
            Err(TryLockError::WouldBlock) => return Err(OpenError::InUse { folder: folder.to_owned() }),
            // Without locks nothing keeps two processes apart.
            Err(TryLockError::Error(error)) => return Err(failed(error)),
            Ok(()) => {}
        }
        if is_new && let Some(parent) = folder.parent() {
            sync_folder(parent);
        }
        Ok(Self { file: folder.join("usage.redb"), _lock: lock })
    }

    /// Makes the file under another name, since one that was not finished, because the process was killed, cannot be opened.
    fn make(&self) -> Result<(), DatabaseError> {
        let unfinished = self.file.with_extension("new");
        if unfinished.try_exists()? {
            fs::remove_file(&unfinished)?;
        }
        let file = create_file(&unfinished)?;
        drop(builder(0).create_with_backend(FileBackend::new(file)?)?);
        create_file(&unfinished)?.sync_all()?;
        fs::rename(&unfinished, &self.file)?;
        sync_folder(self.folder());
        Ok(())
    }

    fn folder(&self) -> &Path {
        self.file.parent().unwrap_or(&self.file)
    }
}

impl Disk for Folder {
    fn open(&self) -> Result<Database, DatabaseError> {
        if !self.file.try_exists()? {
            self.make()?;
        }
        let file = create_file(&self.file)?;
        let size = file.metadata()?.len();
        builder(size).create_with_backend(FileBackend::new(file)?)
    }

    fn size(&self) -> io::Result<u64> {
        Ok(fs::metadata(&self.file)?.len())
    }

    fn write_again(&self) -> io::Result<()> {
        write_again(&create_file(&self.file)?)
    }
}

fn write_again(mut file: &File) -> io::Result<()> {
    let mut page = [0; 4096];
    let mut at = 0;
    let size = file.metadata()?.len();
    while at < size {
        let length = usize::try_from(size - at).map_or(page.len(), |left| left.min(page.len()));
        let page = &mut page[..length];
        file.seek(SeekFrom::Start(at))?;
        file.read_exact(page)?;
        // A page of zeros was never written: writing it would take space.
        if page.iter().any(|byte| *byte != 0) {
            file.seek(SeekFrom::Start(at))?;
            file.write_all(page)?;
        }
        at += length as u64;
    }
    file.sync_all()
}

fn create_folder(folder: &Path) -> io::Result<()> {
    let mut builder = fs::DirBuilder::new();
    #[cfg(unix)]
    std::os::unix::fs::DirBuilderExt::mode(&mut builder, 0o700);
    builder.recursive(true).create(folder)
}

fn create_file(path: &Path) -> io::Result<File> {
    let mut options = OpenOptions::new();
    #[cfg(unix)]
    std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
    options.read(true).write(true).create(true).truncate(false).open(path)
}

/// Makes the names in a folder durable. Not every system can, and a file system that keeps the order of changes needs it
/// not, so an error is passed over.
fn sync_folder(folder: &Path) {
    #[cfg(unix)]
    if let Ok(folder) = File::open(folder) {
        let _ = folder.sync_all();
    }
    #[cfg(not(unix))]
    let _ = folder;
}
