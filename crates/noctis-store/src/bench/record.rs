//! Writes down which statements pass by between a pool and PostgreSQL: a relay on loopback that reads along.
//!
//! So whatever is sent is known as it is sent, parameters included, and nothing of the store has to know of it.

use std::collections::HashMap;
use std::sync::{Arc, Mutex};

use tokio::io::{AsyncRead, AsyncReadExt, AsyncWrite, AsyncWriteExt};
use tokio::net::{TcpListener, TcpStream, UnixStream};
use tokio::task::JoinHandle;
use tokio_postgres::Config;
use tokio_postgres::config::Host;

use super::replay::Sent;
use crate::{Error, Result};

/// Statements of one question; more would be a loop without end.
const STATEMENTS_MAX: usize = 10_000;
/// The longest message that is read along.
const MESSAGE_BYTES_MAX: usize = 64 << 20;
/// Bytes on their way.
const CHUNK_BYTES: usize = 64 << 10;

/// The relay, until it is dropped.
pub struct Recorder {
    port: u16,
    target: Config,
    sent: Arc<Mutex<Vec<Sent>>>,
    task: JoinHandle<()>,
}

impl Recorder {
    /// Listens on loopback for connections that go to this server.
    ///
    /// # Errors
    /// When no port can be had.
    pub async fn start(target: &Config) -> Result<Recorder> {
        let refused =
            |error: std::io::Error| Error::Refused(format!("no relay could be made: {error}"));
        let listener = TcpListener::bind("127.0.0.1:0").await.map_err(refused)?;
        let port = listener.local_addr().map_err(refused)?.port();
        let sent: Arc<Mutex<Vec<Sent>>> = Arc::default();
        let task = tokio::spawn(accept(listener, target.clone(), Arc::clone(&sent)));
        Ok(Recorder { port, target: target.clone(), sent, task })
    }

    /// How to connect through it.
    #[must_use]
    pub fn config(&self) -> Config {
        let mut config = Config::new();
        config.host("127.0.0.1").port(self.port);
        if let Some(user) = self.target.get_user() {
            config.user(user);
        }
        if let Some(password) = self.target.get_password() {
            config.password(password);
        }
        if let Some(name) = self.target.get_dbname() {
            config.dbname(name);
        }
        if let Some(options) = self.target.get_options() {
            config.options(options);
        }
        config
    }

    /// What was sent since this was asked last, in its order; settings of the session are left out.
    #[must_use]
    pub fn take(&self) -> Vec<Sent> {
        self.sent.lock().map(|mut sent| std::mem::take(&mut *sent)).unwrap_or_default()
    }
}

impl Drop for Recorder {
    fn drop(&mut self) {
        self.task.abort();
    }
}

/// For as long as the relay is there; each connection ends with either of its ends.
async fn accept(listener: TcpListener, target: Config, sent: Arc<Mutex<Vec<Sent>>>) {
    while let Ok((stream, _)) = listener.accept().await {
        let (target, sent) = (target.clone(), Arc::clone(&sent));
        tokio::spawn(async move {
            let _ = stream.set_nodelay(true);
            let port = target.get_ports().first().copied().unwrap_or(5432);
            match target.get_hosts().first() {
                Some(Host::Unix(folder)) => {
                    let path = folder.join(format!(".s.PGSQL.{port}"));
                    if let Ok(server) = UnixStream::connect(path).await {
                        let (read, write) = server.into_split();
                        relay(stream, read, write, &sent).await;
                    }
                }
                Some(Host::Tcp(host)) => {
                    if let Ok(server) = TcpStream::connect((host.as_str(), port)).await {
                        let (read, write) = server.into_split();
                        relay(stream, read, write, &sent).await;
                    }
                }
                None => {}
            }
        });
    }
}

async fn relay(
    stream: TcpStream,
    mut from_server: impl AsyncRead + Unpin,
    mut to_server: impl AsyncWrite + Unpin,
    sent: &Mutex<Vec<Sent>>,
) {
    let (mut from_client, mut to_client) = stream.into_split();
    let back = tokio::io::copy(&mut from_server, &mut to_client);
    let forth = async {
        let mut reading = Reading::default();
        let mut chunk = vec![0; CHUNK_BYTES];
        while let Ok(length @ 1..) = from_client.read(&mut chunk).await {
            for statement in reading.read(&chunk[..length]) {
                if let Ok(mut sent) = sent.lock()
                    && sent.len() < STATEMENTS_MAX
                {
                    sent.push(statement);
                }
            }
            if to_server.write_all(&chunk[..length]).await.is_err() {
                return;
            }
        }
    };
    tokio::select! {
        _ = back => {}
        () = forth => {}
    }
}

/// One connection's messages, as far as they were read.
#[derive(Default)]
struct Reading {
    bytes: Vec<u8>,
    has_begun: bool,
    /// Text and given types by the statement's name.
    known: HashMap<String, (String, Vec<u32>)>,
}

impl Reading {
    /// Takes bytes as they come, and gives the statements that they complete.
    fn read(&mut self, chunk: &[u8]) -> Vec<Sent> {
        self.bytes.extend_from_slice(chunk);
        let (mut statements, mut begin) = (Vec::new(), 0);
        // The first message has no letter.
        while let Some((letter, body)) = message(&self.bytes[begin..], self.has_begun) {
            begin += body.len() + if self.has_begun { 5 } else { 4 };
            let mut body = Body(body);
            match letter {
                b'P' => {
                    let name = body.text();
                    let known = (body.text(), body.list(|body| body.number::<4>()));
                    self.known.insert(name, known);
                }
                b'B' => statements.extend(self.bound(body)),
                _ => {}
            }
            self.has_begun = true;
        }
        self.bytes.drain(..begin);
        statements
    }

    fn bound(&self, mut body: Body<'_>) -> Option<Sent> {
        let _portal = body.text();
        let name = body.text();
        let _formats = body.list(|body| body.number::<2>());
        let values = body.list(Body::value);
        let (sql, types) = self.known.get(&name)?;
        // Settings are given by a function; whatever else is asked reads tables.
        let is_setting = sql.contains("set_config(");
        (!is_setting).then(|| Sent {
            sql: sql.clone(),
            is_prepared: !name.is_empty(),
            types: types.clone(),
            values,
        })
    }
}

/// The first message's letter and body, once it is there whole.
fn message(bytes: &[u8], has_letter: bool) -> Option<(u8, &[u8])> {
    let (letter, rest) = if has_letter { (*bytes.first()?, &bytes[1..]) } else { (0, bytes) };
    let length: [u8; 4] = rest.get(..4)?.try_into().ok()?;
    let length = (u32::from_be_bytes(length) as usize).clamp(4, MESSAGE_BYTES_MAX);
    Some((letter, rest.get(4..length)?))
}

/// What is left of a message's body. Beyond its end everything is empty.
struct Body<'a>(&'a [u8]);

impl<'a> Body<'a> {
    fn take(&mut self, length: usize) -> &'a [u8] {
        let (taken, rest) = self.0.split_at(length.min(self.0.len()));
        self.0 = rest;
        taken
    }

    fn text(&mut self) -> String {
        let end = self.0.iter().position(|byte| *byte == 0).unwrap_or(self.0.len());
        let text = String::from_utf8_lossy(self.take(end)).into_owned();
        self.take(1);
        text
    }

    fn number<const BYTES: usize>(&mut self) -> u32 {
        self.take(BYTES).iter().fold(0, |number, byte| number << 8 | u32::from(*byte))
    }

    fn list<T>(&mut self, mut next: impl FnMut(&mut Self) -> T) -> Vec<T> {
        let count = self.number::<2>();
        (0..count).map(|_| next(self)).collect()
    }

    fn value(&mut self) -> Option<Vec<u8>> {
        let length = self.number::<4>();
        (length != u32::MAX).then(|| self.take(length as usize).to_vec())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn framed(letter: &[u8], body: &[u8]) -> Vec<u8> {
        let length = u32::try_from(body.len() + 4).unwrap().to_be_bytes();
        [letter, &length, body].concat()
    }

    #[test]
    fn a_statement_is_read_however_its_bytes_come() {
        let stream = [
            framed(b"", b"\0\x03\0\0user\0noctis\0\0"),
            framed(b"P", b"s1\0SELECT $1, $2\0\0\x01\0\0\0\x14"),
            framed(b"B", b"\0s1\0\0\x01\0\x01\0\x02\0\0\0\x02\x07\x08\xff\xff\xff\xff\0\0"),
            framed(b"S", b""),
        ]
        .concat();
        let expected = Sent {
            sql: "SELECT $1, $2".into(),
            is_prepared: true,
            types: vec![20],
            values: vec![Some(vec![7, 8]), None],
        };
        for size in [1, 3, 7, stream.len()] {
            let mut reading = Reading::default();
            let read: Vec<Sent> =
                stream.chunks(size).flat_map(|chunk| reading.read(chunk)).collect();
            assert_eq!(read, vec![expected.clone()], "in pieces of {size}");
        }
    }
}
