//! A Flowglad that sends chosen bytes.

use std::sync::{Arc, Mutex};

use adapter_contract::documents::{billing, customer, subscription};
use serde_json::json;
use tokio::{
    io::{AsyncBufReadExt as _, AsyncReadExt as _, AsyncWriteExt as _, BufReader},
    net::{TcpListener, TcpStream},
};

/// A response to every request, or none: then each request gets a record that fits its path.
type Scripted = Arc<Mutex<Option<(u16, Vec<u8>)>>>;

/// The running server.
#[derive(Clone, Debug)]
pub struct Upstream {
    base_url: String,
    scripted: Scripted,
}

impl Upstream {
    /// Starts on a free port, in a task of the current runtime.
    pub async fn start() -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let base_url = format!("http://{}", listener.local_addr().unwrap());
        let scripted = Scripted::default();
        let upstream = Self { base_url, scripted: Arc::clone(&scripted) };
        tokio::spawn(async move {
            while let Ok((connection, _)) = listener.accept().await {
                tokio::spawn(serve(connection, Arc::clone(&scripted)));
            }
        });
        upstream
    }

    /// The server's base URL.
    #[must_use]
    pub fn base_url(&self) -> &str {
        &self.base_url
    }

    /// Sends these bytes from now on.
    pub fn answer_all(&self, status: u16, body: &[u8]) {
        *self.scripted.lock().unwrap() = Some((status, body.to_vec()));
    }

    /// Sends records that fit the paths from now on.
    pub fn answer_with_records(&self) {
        *self.scripted.lock().unwrap() = None;
    }
}

async fn serve(connection: TcpStream, scripted: Scripted) -> Option<()> {
    connection.set_nodelay(true).ok()?;
    let mut connection = BufReader::new(connection);
    loop {
        let path = read_request(&mut connection).await?;
        let chosen = scripted.lock().unwrap().clone();
        let (status, body) = chosen.unwrap_or_else(|| (200, record(&path).to_string().into_bytes()));
        let head =
            format!("HTTP/1.1 {status} X\r\ncontent-type: application/json\r\ncontent-length: {}\r\n\r\n", body.len());
        connection.get_mut().write_all(&[head.as_bytes(), &body].concat()).await.ok()?;
    }
}

/// Reads a request to its end, and returns its path. `None` at the end of the connection.
async fn read_request(connection: &mut BufReader<TcpStream>) -> Option<String> {
    let (mut path, mut length) = (None, 0);
    loop {
        let mut line = String::new();
        if connection.read_line(&mut line).await.ok()? == 0 {
            return None;
        }
        let line = line.trim_end().to_ascii_lowercase();
        if path.is_none() {
            path = Some(line.split(' ').nth(1)?.to_owned());
        } else if let Some(value) = line.strip_prefix("content-length:") {
            length = value.trim().parse().ok()?;
        } else if line.is_empty() {
            connection.read_exact(&mut vec![0; length]).await.ok()?;
            return path;
        }
    }
}

fn record(path: &str) -> serde_json::Value {
    let pro = subscription("sub_1", "user_42", &["export"]);
    if path.ends_with("/billing") {
        billing("user_42", &[pro])
    } else if path.contains("/customers/") {
        json!({"customer": customer("user_42")})
    } else {
        json!({"subscription": pro, "checkoutSession": {"id": "c", "status": "open"}, "url": "https://pay.example"})
    }
}
