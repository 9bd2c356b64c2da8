//! Sends requests over and over, each on a connection of its own, and counts the responses.

use std::time::{Duration, Instant};

use tokio::{
    io::{AsyncReadExt as _, AsyncWriteExt as _},
    net::TcpStream,
};

use crate::Failure;

/// The header in which the measured servers find the signed-in user.
pub(crate) const USER_HEADER: &str = "x-user";

/// Sends these requests to `address` for some seconds, each on its own connection, and returns how many responses came.
pub(crate) async fn run(address: &str, requests: &[String], seconds: u64) -> Result<u64, Failure> {
    let until = Instant::now() + Duration::from_secs(seconds);
    let repeat = |request: &String| tokio::spawn(repeat(address.to_owned(), request.clone(), until));
    let tasks: Vec<_> = requests.iter().map(repeat).collect();
    let mut responses = 0;
    for task in tasks {
        responses += task.await??;
    }
    Ok(responses)
}

async fn repeat(address: String, request: String, until: Instant) -> Result<u64, Failure> {
    let mut connection = TcpStream::connect(&address).await?;
    connection.set_nodelay(true)?;
    let mut buffer = Vec::with_capacity(64 * 1024);
    let mut responses = 0;
    while Instant::now() < until {
        connection.write_all(request.as_bytes()).await?;
        read_response(&mut connection, &mut buffer).await?;
        responses += 1;
    }
    Ok(responses)
}

/// Reads one response, which must be a 200 with a known length, and leaves the buffer empty.
async fn read_response(connection: &mut TcpStream, buffer: &mut Vec<u8>) -> Result<(), Failure> {
    let whole = loop {
        if let Some(end) = buffer.windows(4).position(|window| window == b"\r\n\r\n") {
            break end + 4 + body_length(&buffer[..end])?;
        }
        if connection.read_buf(buffer).await? == 0 {
            return Err("the server closed the connection".into());
        }
    };
    let mut read = buffer.len();
    while read < whole {
        buffer.clear();
        match connection.read_buf(buffer).await? {
            0 => return Err("the server closed the connection in the middle of a response".into()),
            more => read += more,
        }
    }
    buffer.clear();
    Ok(())
}

fn body_length(head: &[u8]) -> Result<usize, Failure> {
    let head = String::from_utf8_lossy(head).to_ascii_lowercase();
    if !head.starts_with("http/1.1 200 ") {
        return Err(format!("not a 200: {head}").into());
    }
    let length = head.lines().find_map(|line| line.strip_prefix("content-length:"));
    Ok(length.ok_or("a response without a length")?.trim().parse()?)
}
