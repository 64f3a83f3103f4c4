//! The archive in a bucket: of moto, which speaks S3, and of a store that fails.

use std::process::{Child, Stdio};
use std::sync::{Arc, Mutex};
use std::time::{Duration, Instant};

use bytes::Bytes;
use noctis_archive::{Archive, Error, Place};
use noctis_core::partition::Member;
use tokio::io::{AsyncBufReadExt, AsyncReadExt, AsyncWriteExt, BufReader};
use tokio::net::{TcpListener, TcpStream};

use crate::owner::one_of_many_gets_it;
use crate::python::python;
use crate::rows::{Streams, head, june, kills, read, write};

fn bucket(address: &str, prefix: &str) -> Archive {
    Archive::open(&Place::S3 {
        bucket: "kills".to_owned(),
        prefix: prefix.to_owned(),
        endpoint: Some(format!("http://{address}")),
        region: "us-east-1".to_owned(),
        access_key_id: Some("test".to_owned()),
        secret_access_key: Some("secret".to_owned()),
        allow_http: true,
    })
    .unwrap()
}

/// A server of moto; it ends with the test.
struct Moto {
    process: Child,
    address: String,
}

impl Drop for Moto {
    fn drop(&mut self) {
        drop(self.process.kill());
        drop(self.process.wait());
    }
}

impl Moto {
    /// Starts it, and makes the bucket.
    async fn start(test: &str) -> Option<Moto> {
        let mut python = python("moto.server", test)?;
        python.args(["-m", "moto.server", "-H", "127.0.0.1", "-p", "0"]);
        let mut process = python.stdout(Stdio::null()).stderr(Stdio::piped()).spawn().unwrap();
        let errors = tokio::process::ChildStderr::from_std(process.stderr.take().unwrap()).unwrap();
        let mut lines = BufReader::new(errors).lines();
        let address = loop {
            let line = lines.next_line().await.unwrap().expect("moto says where it listens");
            if let Some((_, address)) = line.split_once("http://") {
                break address.trim().to_owned();
            }
        };
        // What it goes on to say must go somewhere, or it stops.
        tokio::spawn(async move { while let Ok(Some(_)) = lines.next_line().await {} });
        let mut connection = TcpStream::connect(&address).await.unwrap();
        let request = format!(
            "PUT /kills HTTP/1.1\r\nHost: {address}\r\nContent-Length: 0\r\nConnection: close\r\n\r\n"
        );
        connection.write_all(request.as_bytes()).await.unwrap();
        let mut answer = String::new();
        connection.read_to_string(&mut answer).await.unwrap();
        assert!(answer.contains(" 200 "), "{answer}");
        Some(Moto { process, address })
    }
}

/// So many kills with so much noise that the file of bodies goes up in two pieces.
fn of_several_pieces() -> Streams {
    let mut all = kills(3_000);
    for (number, row) in (0_u64..).zip(&mut all.raw) {
        let noise: String = (0..500)
            .map(|place| {
                format!("{:x}", (number * 1_000 + place).wrapping_mul(0x9E37_79B9_7F4A_7C15))
            })
            .collect();
        row[9] = crate::rows::jsonb(&format!("{{\"noise\": \"{noise}\"}}"));
    }
    all
}

#[tokio::test]
async fn a_bucket_keeps_what_a_folder_keeps() {
    let Some(moto) = Moto::start("an archive in a bucket").await else { return };
    let archive = bucket(&moto.address, "eve/archive");
    let all = of_several_pieces();
    let manifest = write(&archive, head(june(), 0), &all, 1_000_000).await.unwrap();
    assert!(manifest.files[0].bytes > 9_000_000, "{}", manifest.files[0].bytes);
    archive.verify(&manifest).await.unwrap();
    assert_eq!(archive.manifests().await.unwrap(), std::slice::from_ref(&manifest));
    for member in Member::ALL {
        assert!(read(&archive, &manifest, member).await.unwrap() == all.stream(member));
    }
    let again = archive.write(head(june(), 0)).await.unwrap_err();
    assert!(matches!(again, Error::Exists { .. }), "{again}");
    // Another prefix is another archive.
    assert_eq!(bucket(&moto.address, "").manifests().await.unwrap(), []);
    archive.remove(&manifest).await.unwrap();
    assert_eq!(archive.manifests().await.unwrap(), []);
}

#[tokio::test]
async fn an_upload_to_a_bucket_that_is_given_up_leaves_no_part() {
    let Some(moto) = Moto::start("an upload that is given up").await else { return };
    let archive = bucket(&moto.address, "");
    let all = kills(100);
    let mut part = archive.write(head(june(), 0)).await.unwrap();
    let mut table = part.table(Member::Raw);
    let stream = all.stream(Member::Raw);
    table.push(Bytes::copy_from_slice(&stream[..stream.len() / 2])).await.unwrap();
    drop(table);
    drop(part);
    assert_eq!(archive.manifests().await.unwrap(), []);
    let manifest = write(&archive, head(june(), 0), &all, 1_000).await.unwrap();
    archive.verify(&manifest).await.unwrap();
}

#[tokio::test]
async fn a_bucket_has_one_owner_too() {
    let Some(moto) = Moto::start("the owner of a bucket").await else { return };
    one_of_many_gets_it(&bucket(&moto.address, "archive")).await;
}

/// Answers every request with this; returns where it listens.
async fn failing_store(answer: &'static str) -> String {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let address = listener.local_addr().unwrap().to_string();
    tokio::spawn(async move {
        while let Ok((connection, _)) = listener.accept().await {
            tokio::spawn(async move {
                let (reading, mut writing) = connection.into_split();
                let mut lines = BufReader::new(reading).lines();
                while let Ok(Some(line)) = lines.next_line().await {
                    if line.is_empty() && writing.write_all(answer.as_bytes()).await.is_err() {
                        break;
                    }
                }
            });
        }
    });
    address
}

#[tokio::test]
async fn a_store_that_answers_500_is_an_error_that_names_it() {
    let address =
        failing_store("HTTP/1.1 500 Internal Server Error\r\nContent-Length: 0\r\n\r\n").await;
    let archive = bucket(&address, "");
    let began = Instant::now();
    let folder = crate::rows::folder();
    let manifest = write(&folder.archive, head(june(), 0), &kills(3), 1_000).await.unwrap();
    for error in [
        archive.write(head(june(), 0)).await.unwrap_err(),
        archive.verify(&manifest).await.unwrap_err(),
        archive.owner().await.unwrap_err(),
    ] {
        let Error::Store { place, detail, .. } = &error else { panic!("{error}") };
        assert_eq!(place, "s3://kills");
        assert!(detail.contains("500"), "{detail}");
    }
    assert!(began.elapsed() < Duration::from_secs(60), "it was tried for too long");
}

/// A store that takes the first piece of an upload, and is out of order for every other; tells what it was asked.
async fn store_that_fails_midway() -> (String, Arc<Mutex<Vec<String>>>) {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let address = listener.local_addr().unwrap().to_string();
    let asked = Arc::new(Mutex::new(Vec::new()));
    let seen = Arc::clone(&asked);
    tokio::spawn(async move {
        while let Ok((connection, _)) = listener.accept().await {
            tokio::spawn(answer_until_the_second_piece(connection, Arc::clone(&seen)));
        }
    });
    (address, asked)
}

async fn answer_until_the_second_piece(
    connection: TcpStream,
    seen: Arc<Mutex<Vec<String>>>,
) -> std::io::Result<()> {
    let (reading, mut writing) = connection.into_split();
    let mut reading = BufReader::new(reading);
    loop {
        let mut request = String::new();
        if reading.read_line(&mut request).await? == 0 {
            return Ok(());
        }
        let mut length = 0;
        loop {
            let mut line = String::new();
            reading.read_line(&mut line).await?;
            if let Some(value) = line.to_ascii_lowercase().strip_prefix("content-length:") {
                length = value.trim().parse().unwrap();
            }
            if line.trim().is_empty() {
                break;
            }
        }
        tokio::io::copy(&mut (&mut reading).take(length), &mut tokio::io::sink()).await?;
        let is = |method: &str, what: &str| request.starts_with(method) && request.contains(what);
        let (status, headers, body) = if is("POST ", "?uploads") {
            let id = "<InitiateMultipartUploadResult><UploadId>it</UploadId></InitiateMultipartUploadResult>";
            ("200 OK", "", id)
        } else if is("PUT ", "partNumber=1&") {
            ("200 OK", "ETag: \"one\"\r\n", "")
        } else if is("PUT ", "partNumber=") {
            ("500 Internal Server Error", "", "")
        } else if is("DELETE ", "uploadId=it") {
            ("204 No Content", "", "")
        } else {
            ("404 Not Found", "", "")
        };
        seen.lock().unwrap().push(request.trim().to_owned());
        let length = body.len();
        let answer =
            format!("HTTP/1.1 {status}\r\n{headers}Content-Length: {length}\r\n\r\n{body}");
        writing.write_all(answer.as_bytes()).await?;
    }
}

#[tokio::test]
async fn a_store_that_fails_in_the_middle_of_an_upload_has_no_part_and_nothing_left_of_it() {
    let (address, asked) = store_that_fails_midway().await;
    let archive = bucket(&address, "");
    let error =
        write(&archive, head(june(), 0), &of_several_pieces(), 1_000_000).await.unwrap_err();
    let Error::Store { doing, detail, .. } = &error else { panic!("{error}") };
    assert!(doing.starts_with("writing table=killmails_raw/"), "{doing}");
    assert!(detail.contains("500"), "{detail}");
    let asked = asked.lock().unwrap();
    let count = |what: &str| asked.iter().filter(|request| request.contains(what)).count();
    assert_eq!(count("partNumber=1&"), 1, "{asked:#?}");
    assert_eq!(count("partNumber=2&"), 5, "it is tried again, so often and no oftener: {asked:#?}");
    let ended = asked.iter().filter(|request| request.starts_with("DELETE ")).count();
    assert_eq!(ended, 1, "what was sent is thrown away: {asked:#?}");
    let manifests = asked.iter().filter(|request| request.starts_with("PUT /kills/manifest/"));
    assert_eq!(manifests.count(), 0, "{asked:#?}");
}

#[tokio::test]
async fn a_store_that_refuses_a_key_is_not_asked_again() {
    let address = failing_store("HTTP/1.1 403 Forbidden\r\nContent-Length: 0\r\n\r\n").await;
    let error = bucket(&address, "").owner().await.unwrap_err();
    assert!(matches!(error, Error::Store { .. }), "{error}");
}

#[test]
fn half_a_key_is_refused_and_no_secret_is_ever_shown() {
    let place = Place::S3 {
        bucket: "kills".to_owned(),
        prefix: "eve".to_owned(),
        endpoint: None,
        region: "eu-west-1".to_owned(),
        access_key_id: None,
        secret_access_key: Some("hush".to_owned()),
        allow_http: false,
    };
    let error = Archive::open(&place).unwrap_err();
    assert_eq!(
        error.to_string(),
        "the archive s3://kills/eve cannot be opened: an access key has an id and a secret, and one is missing"
    );
    assert!(!format!("{place:?}").contains("hush"));
}
