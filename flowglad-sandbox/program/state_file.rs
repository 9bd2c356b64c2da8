//! The file in which the state of a sandbox outlives it.

use std::{
    error::Error,
    fs,
    io::{self, ErrorKind, Write as _},
    path::{Path, PathBuf},
};

use flowglad_sandbox::Snapshot;

/// The state of a file; none if there is no file yet.
pub(crate) fn read(file: &Path) -> Result<Option<Snapshot>, Box<dyn Error>> {
    let json = match fs::read(file) {
        Ok(json) => json,
        Err(error) if error.kind() == ErrorKind::NotFound => return Ok(None),
        Err(error) => return Err(format!("cannot read the state {}: {error}", file.display()).into()),
    };
    let state = serde_json::from_slice(&json);
    state.map(Some).map_err(|error| format!("{} is no state of a sandbox: {error}", file.display()).into())
}

/// Fails if the state cannot be saved at the end, when it would be lost.
pub(crate) fn ensure_writable(file: &Path) -> Result<(), Box<dyn Error>> {
    let new = new_file(file);
    create(&new).and_then(|_| fs::remove_file(&new)).map_err(|error| not_saved(file, &error))
}

/// Replaces the file as a whole, so that a program that is killed meanwhile leaves the old state.
pub(crate) fn write(file: &Path, state: &Snapshot) -> Result<(), Box<dyn Error>> {
    let new = new_file(file);
    let json = serde_json::to_vec(state)?;
    let written = create(&new).and_then(|mut new| {
        new.write_all(&json)?;
        new.sync_all()
    });
    written.and_then(|()| fs::rename(&new, file)).map_err(|error| not_saved(file, &error))
}

/// The file beside it that becomes the state when it is complete.
fn new_file(file: &Path) -> PathBuf {
    let mut name = file.file_name().unwrap_or_default().to_owned();
    name.push(".new");
    file.with_file_name(name)
}

fn create(file: &Path) -> io::Result<fs::File> {
    let mut options = fs::File::options();
    options.write(true).create(true).truncate(true);
    #[cfg(unix)]
    {
        use std::os::unix::fs::OpenOptionsExt as _;
        // The secrets of webhooks are in it.
        options.mode(0o600);
    }
    options.open(file)
}

fn not_saved(file: &Path, error: &io::Error) -> Box<dyn Error> {
    format!("cannot save the state {}: {error}", file.display()).into()
}
