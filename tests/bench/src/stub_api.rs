//! A stub of the API that costs as little as it can: every response is made once, but for the customer's id in it.

use std::sync::Arc;

use bytes::{Buf as _, Bytes};
use tokio::{
    io::{AsyncReadExt as _, AsyncWriteExt as _},
    net::{TcpListener, TcpStream},
};

use crate::{
    Failure,
    document::{self, Size},
    say,
};

#[tokio::main(flavor = "multi_thread")]
pub(crate) async fn serve() -> Result<(), Failure> {
    let listener = TcpListener::bind(("127.0.0.1", 0)).await?;
    say(&format!("listening on http://{}", listener.local_addr()?));
    let responses: Arc<[Responses]> = Size::ALL.iter().map(|size| Responses::new(*size)).collect();
    loop {
        let (connection, _) = listener.accept().await?;
        connection.set_nodelay(true)?;
        // A client that goes away ends its own connection only.
        tokio::spawn(answer(connection, Arc::clone(&responses)));
    }
}

/// The responses about customers of one size.
struct Responses {
    size: Size,
    customer: Response,
    billing: Response,
}

impl Responses {
    fn new(size: Size) -> Self {
        let any = size.customer(0);
        let billing = Response::new(&document::billing(size, &any), &any);
        Self { size, customer: Response::new(&document::customer(&any), &any), billing }
    }
}

/// A response, split where the customer's external id is.
struct Response {
    before: Bytes,
    after: Bytes,
}

impl Response {
    fn new(body: &str, external_id: &str) -> Self {
        let length = body.len();
        let head = format!("HTTP/1.1 200 OK\r\ncontent-type: application/json\r\ncontent-length: {length}\r\n\r\n");
        let (before, after) = body.split_once(external_id).expect("the document names its customer");
        Self { before: format!("{head}{before}").into(), after: after.to_owned().into() }
    }
}

/// Answers the requests of one connection, none of which has a body.
async fn answer(mut connection: TcpStream, responses: Arc<[Responses]>) -> Result<(), Failure> {
    let mut buffer = Vec::with_capacity(4096);
    loop {
        let Some(end) = buffer.windows(4).position(|window| window == b"\r\n\r\n") else {
            if connection.read_buf(&mut buffer).await? == 0 {
                return Ok(());
            }
            continue;
        };
        let head = String::from_utf8_lossy(&buffer[..end]);
        let path = head.split(' ').nth(1).unwrap_or_default();
        let (id, response) = find(&responses, path).ok_or_else(|| format!("the stub has no {path}"))?;
        let id = Bytes::copy_from_slice(id.as_bytes());
        connection.write_all_buf(&mut response.before.clone().chain(id).chain(response.after.clone())).await?;
        buffer.drain(..end + 4);
    }
}

/// The customer's id, and the response to be sent around it.
fn find<'a>(responses: &'a [Responses], path: &'a str) -> Option<(&'a str, &'a Response)> {
    let path = path.strip_prefix("/api/v1/customers/")?;
    let (id, is_billing) = match path.strip_suffix("/billing") {
        Some(id) => (id, true),
        None => (path, false),
    };
    let of_size = responses.iter().find(|responses| id.starts_with(responses.size.name()))?;
    Some((id, if is_billing { &of_size.billing } else { &of_size.customer }))
}
