//! One HTTP request on a connection that stays open, its answer read to its end.

use std::net::SocketAddr;

use anyhow::{Context, bail};
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpStream;

/// The longest answer that is waited for.
const ANSWER_BYTES_MAX: usize = 16 << 20;

/// Connects, as a client does that asks often.
///
/// # Errors
/// When nobody listens.
pub(super) async fn connect(address: SocketAddr) -> anyhow::Result<TcpStream> {
    let stream = TcpStream::connect(address).await?;
    stream.set_nodelay(true)?;
    Ok(stream)
}

/// Asks for a path, with a body by POST, and gives the answer's body. What is not there (404) is an answer like others.
///
/// # Errors
/// When the server answers with an error, or its answer breaks off.
pub(super) async fn ask(
    stream: &mut TcpStream,
    path: &str,
    body: Option<&str>,
) -> anyhow::Result<Vec<u8>> {
    let request = match body {
        None => format!("GET {path} HTTP/1.1\r\nhost: localhost\r\n\r\n"),
        Some(body) => format!(
            "POST {path} HTTP/1.1\r\nhost: localhost\r\ncontent-type: application/json\r\n\
             content-length: {}\r\n\r\n{body}",
            body.len()
        ),
    };
    stream.write_all(request.as_bytes()).await?;
    let mut answer = Vec::with_capacity(64 << 10);
    let mut head: Option<Head> = None;
    while head.as_ref().is_none_or(|head| answer.len() < head.end()) {
        if stream.read_buf(&mut answer).await? == 0 || answer.len() > ANSWER_BYTES_MAX {
            bail!("the answer to {path} broke off");
        }
        if head.is_none() {
            head = read_head(&answer)?;
        }
    }
    let head = head.context("no answer")?;
    let body = answer.split_off(head.bytes);
    if !matches!(head.status, 200 | 404) {
        let text = String::from_utf8_lossy(&body);
        bail!("the server answered {} to {path}: {text}", head.status);
    }
    Ok(body)
}

struct Head {
    status: u16,
    bytes: usize,
    body_bytes: usize,
}

impl Head {
    fn end(&self) -> usize {
        self.bytes + self.body_bytes
    }
}

/// The head, once it is there.
fn read_head(answer: &[u8]) -> anyhow::Result<Option<Head>> {
    let Some(end) = answer.windows(4).position(|window| window == b"\r\n\r\n") else {
        return Ok(None);
    };
    let text = std::str::from_utf8(&answer[..end])?.to_ascii_lowercase();
    let status = text.split(' ').nth(1).context("no status")?.parse()?;
    let length = text
        .lines()
        .find_map(|line| line.strip_prefix("content-length:"))
        .context("no content-length")?;
    Ok(Some(Head { status, bytes: end + 4, body_bytes: length.trim().parse()? }))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_answers_end_is_known_from_its_head() {
        let answer = b"HTTP/1.1 404 Not Found\r\nContent-Length: 12\r\n\r\n{\"a\":";
        let head = read_head(answer).unwrap().unwrap();
        assert_eq!((head.status, head.end()), (404, 58));
        assert!(read_head(&answer[..30]).unwrap().is_none());
    }
}
