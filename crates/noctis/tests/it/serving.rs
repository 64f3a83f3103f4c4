//! The server on a socket: what it keeps to itself, and how it ends.

use std::io::Write;
use std::sync::{Arc, Mutex};

use noctis::serving;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::{TcpListener, TcpStream};
use tokio_util::sync::CancellationToken;

use crate::stocked::Stocked;

/// Everything that is logged, as one text.
#[derive(Clone, Default)]
struct Log(Arc<Mutex<Vec<u8>>>);

impl Write for Log {
    fn write(&mut self, bytes: &[u8]) -> std::io::Result<usize> {
        self.0.lock().unwrap().extend_from_slice(bytes);
        Ok(bytes.len())
    }

    fn flush(&mut self) -> std::io::Result<()> {
        Ok(())
    }
}

#[tokio::test]
async fn a_request_is_logged_without_its_query_string_at_every_level_of_ours() {
    let stocked = Stocked::empty().await;
    let log = Log::default();
    let writer = log.clone();
    let subscriber = tracing_subscriber::fmt()
        .with_max_level(tracing_subscriber::filter::LevelFilter::TRACE)
        .with_ansi(false)
        .with_writer(move || writer.clone())
        .finish();
    let _guard = tracing::subscriber::set_default(subscriber);
    for path in [
        "/api/v1/killmails?labels=hidden",
        "/api/v1/killmails?hidden=1",
        "/?system=hidden",
        "/kill/5?hidden",
        "/nowhere?hidden",
    ] {
        stocked.get(path).await;
    }
    let text = String::from_utf8(log.0.lock().unwrap().clone()).unwrap();
    let ours: Vec<&str> = text.lines().filter(|line| line.contains(" noctis::")).collect();
    assert_eq!(ours.len(), 5, "{text}");
    let line = r#"answered method="GET" route="/api/v1/killmails" status=200 duration_ms="#;
    assert!(ours[0].contains(line), "{}", ours[0]);
    assert!(ours[4].contains(r#"route="unmatched" status=404"#), "{}", ours[4]);
    assert!(ours.iter().all(|line| !line.contains("hidden")), "{ours:#?}");
}

#[tokio::test]
async fn an_idle_connection_does_not_hold_up_the_end() {
    let stocked = Stocked::empty().await;
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let address = listener.local_addr().unwrap();
    let stop = CancellationToken::new();
    let server = tokio::spawn(serving::serve(listener, stocked.app.clone(), stop.clone()));
    let mut connection = TcpStream::connect(address).await.unwrap();
    connection.write_all(b"GET /healthz HTTP/1.1\r\nHost: x\r\n\r\n").await.unwrap();
    let mut answer = [0; 1_024];
    let read = connection.read(&mut answer).await.unwrap();
    let text = String::from_utf8_lossy(&answer[..read]).into_owned();
    assert!(text.starts_with("HTTP/1.1 200 OK\r\n") && text.ends_with("alive\n"), "{text}");
    stop.cancel();
    server.await.unwrap();
    assert_eq!(connection.read(&mut answer).await.unwrap(), 0, "the connection is still open");
    assert!(TcpStream::connect(address).await.is_err(), "the port is still taken");
}

#[tokio::test]
async fn an_answer_under_way_is_finished_before_the_end() {
    let stocked = Stocked::empty().await;
    stocked.add(&[(1, "2026-01-02T03:04:05Z")]).await;
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let address = listener.local_addr().unwrap();
    let stop = CancellationToken::new();
    let server = tokio::spawn(serving::serve(listener, stocked.app.clone(), stop.clone()));
    let mut owner = stocked.test.database.owner().await;
    let lock = owner.transaction().await.unwrap();
    lock.batch_execute("LOCK TABLE killmails_raw IN ACCESS EXCLUSIVE MODE").await.unwrap();
    let mut connection = TcpStream::connect(address).await.unwrap();
    connection.write_all(b"GET /api/v1/killmails HTTP/1.1\r\nHost: x\r\n\r\n").await.unwrap();
    let waiting = "SELECT count(*) FROM pg_stat_activity \
                   WHERE datname = current_database() AND wait_event_type = 'Lock'";
    while lock.query_one(waiting, &[]).await.unwrap().get::<_, i64>(0) == 0 {}
    stop.cancel();
    lock.rollback().await.unwrap();
    let mut answer = Vec::new();
    connection.read_to_end(&mut answer).await.unwrap();
    let text = String::from_utf8_lossy(&answer);
    assert!(
        text.starts_with("HTTP/1.1 200 OK\r\n") && text.contains("\"killmail_id\":1"),
        "{text}"
    );
    server.await.unwrap();
}
