//! The file in which the state of a sandbox outlives it.

use std::{
    error::Error,
    fs,
    io::{ErrorKind, Write as _},
    path::Path,
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

/// Replaces the file as a whole, so that a program that is killed meanwhile leaves the old state.
pub(crate) fn write(file: &Path, state: &Snapshot) -> Result<(), Box<dyn Error>> {
    let problem = |error: std::io::Error| format!("cannot save the state {}: {error}", file.display());
    let mut name = file.file_name().unwrap_or_default().to_owned();
    name.push(".new");
    let new = file.with_file_name(name);
    let json = serde_json::to_vec(state)?;
    let mut options = fs::File::options();
    options.write(true).create(true).truncate(true);
    #[cfg(unix)]
    {
        use std::os::unix::fs::OpenOptionsExt as _;
        // The secrets of webhooks are in it.
        options.mode(0o600);
    }
    let mut written = options.open(&new).map_err(problem)?;
    written.write_all(&json).and_then(|()| written.sync_all()).map_err(problem)?;
    fs::rename(&new, file).map_err(problem)?;
    Ok(())
}
