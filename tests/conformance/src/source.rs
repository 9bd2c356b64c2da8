//! Reads the facts of the API.

use std::{fs, io, time::Duration};

use crate::{api::Api, error::Error};

/// For the whole document, from the first byte sent to the last one read.
const TIME_LIMIT: Duration = Duration::from_secs(60);

/// Reads the API's own description, or facts that were recorded from it, from a file or from a URL that begins with
/// `http://` or `https://`.
///
/// # Errors
/// If it cannot be read, or is neither.
pub fn read_api(source: &str) -> Result<Api, Error> {
    let bytes = if source.starts_with("http://") || source.starts_with("https://") {
        fetched(source)?
    } else {
        fs::read(source).map_err(|cause| unread(source, cause))?
    };
    let document = serde_json::from_slice(&bytes).map_err(|cause| Error::NotJson { name: source.to_owned(), cause })?;
    Api::from_document(source, document)
}

fn fetched(url: &str) -> Result<Vec<u8>, Error> {
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build();
    let runtime = runtime.map_err(|cause| unread(url, cause))?;
    runtime.block_on(fetch(url)).map_err(|cause| Error::Fetch { url: url.to_owned(), cause: cause.without_url() })
}

async fn fetch(url: &str) -> Result<Vec<u8>, reqwest::Error> {
    let client = reqwest::Client::builder().timeout(TIME_LIMIT).build()?;
    let response = client.get(url).header("accept", "application/json").send().await?;
    Ok(response.error_for_status()?.bytes().await?.to_vec())
}

fn unread(file: &str, cause: io::Error) -> Error {
    Error::Read { file: file.to_owned(), cause }
}
