//! The archive over a loopback server: a made-up one that goes wrong in every way, and the real one at night.

use std::sync::{Arc, Mutex};

use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpListener;

use super::*;
use crate::server::{Cluster, ClusterOptions, Durability};

/// A gzipped tar with one small file.
fn made_up() -> Vec<u8> {
    let mut tar =
        tar::Builder::new(flate2::write::GzEncoder::new(Vec::new(), flate2::Compression::fast()));
    let mut header = tar::Header::new_gnu();
    header.set_size(5);
    header.set_mode(0o644);
    tar.append_data(&mut header, "postgresql/README", &b"hello"[..]).unwrap();
    tar.into_inner().unwrap().finish().unwrap()
}

fn sum_of(bytes: &[u8]) -> String {
    Sha256::digest(bytes).iter().map(|byte| format!("{byte:02x}")).collect()
}

/// Serves `head` and `body` to one request after another; gives the address to fetch from.
async fn serve(status: &str, length: usize, body: Vec<u8>) -> String {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let address = listener.local_addr().unwrap();
    let head =
        format!("HTTP/1.1 {status}\r\ncontent-length: {length}\r\nconnection: close\r\n\r\n");
    tokio::spawn(async move {
        while let Ok((mut stream, _)) = listener.accept().await {
            let mut request = [0; 4096];
            let _ = stream.read(&mut request).await.unwrap();
            stream.write_all(head.as_bytes()).await.unwrap();
            // The client may have seen enough.
            let _ = stream.write_all(&body).await;
        }
    });
    format!("http://{address}")
}

async fn fetched(status: &str, length: usize, body: Vec<u8>, pinned: Pinned<'_>) -> String {
    let folder = tempfile::tempdir().unwrap();
    let url = serve(status, length, body).await;
    let fetched = fetch(&url, pinned, &folder.path().join("file"), &Reporter::default()).await;
    fetched.map_or_else(|error| error.to_string().replace(&url, "URL"), |()| "fetched".to_owned())
}

#[tokio::test]
async fn only_exactly_the_pinned_bytes_are_taken() {
    let archive = made_up();
    let (length, sum) = (archive.len(), sum_of(&archive));
    let pinned = Pinned { triple: "made-up", bytes: length as u64, sha256: &sum };
    assert_eq!(fetched("200 OK", length, archive.clone(), pinned).await, "fetched");

    let mut other = archive.clone();
    other[20] ^= 1;
    let said = fetched("200 OK", length, other.clone(), pinned).await;
    let expected =
        format!("has the checksum {} instead of {sum}: try another mirror", sum_of(&other));
    assert_eq!(said, format!("the PostgreSQL archive URL {expected}"));

    let longer = [archive.clone(), vec![0]].concat();
    let said = fetched("200 OK", length + 1, longer, pinned).await;
    assert!(said.contains("is longer than its"), "{said}");
}

#[tokio::test]
async fn a_download_cut_off_or_refused_says_so_in_one_line() {
    let archive = made_up();
    let (length, sum) = (archive.len(), sum_of(&archive));
    let pinned = Pinned { triple: "made-up", bytes: length as u64, sha256: &sum };

    let half = archive[..length / 2].to_vec();
    let said = fetched("200 OK", length / 2, half.clone(), pinned).await;
    assert!(said.contains("is cut off after"), "{said}");
    let said = fetched("200 OK", length, half, pinned).await;
    assert!(said.contains("could not be downloaded"), "{said}");

    let said = fetched("404 Not Found", 0, Vec::new(), pinned).await;
    assert_eq!(
        said,
        "the PostgreSQL archive URL could not be downloaded: the server answered 404 Not Found"
    );
}

#[tokio::test]
async fn an_archive_without_postgres_in_it_is_refused() {
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("archive.tar.gz");
    fs::write(&file, made_up()).unwrap();
    let refused = unpack(&file, &folder.path().join("binaries"), None, &Reporter::default()).await;
    assert!(refused.unwrap_err().to_string().contains("holds no bin/postgres"));

    fs::write(&file, &made_up()[..40]).unwrap();
    let refused = unpack(&file, &folder.path().join("binaries"), None, &Reporter::default()).await;
    assert!(refused.unwrap_err().to_string().contains("could not be unpacked"));
}

#[tokio::test]
#[ignore = "needs the real archive of 12 MB: .ci/nightly fetches it and names it in NOCTIS_TEST_POSTGRES_ARCHIVE"]
async fn the_real_archive_is_downloaded_and_its_server_runs() {
    #[allow(clippy::disallowed_methods, reason = "tests have no configuration")]
    let archive = std::env::var("NOCTIS_TEST_POSTGRES_ARCHIVE")
        .expect("NOCTIS_TEST_POSTGRES_ARCHIVE names the archive");
    let archive = fs::read(archive).unwrap();
    let base = serve("200 OK", archive.len(), archive).await;
    let data = tempfile::tempdir().unwrap();
    set_mode(data.path(), 0o711).unwrap();
    let seen = Arc::new(Mutex::new(Vec::new()));
    let reporter = Reporter::new({
        let seen = Arc::clone(&seen);
        move |progress| seen.lock().unwrap().push(progress)
    });

    let account = crate::server::account::to_drop_to().unwrap();
    let found =
        download(&base, &data.path().join("binaries"), account.as_ref(), &reporter).await.unwrap();
    assert_eq!(found.version, "18.6");
    let bytes = pinned().unwrap().bytes;
    assert!(
        seen.lock()
            .unwrap()
            .contains(&Progress::Downloading { received: bytes, total: Some(bytes) })
    );
    assert!(!data.path().join("binaries/.download.tar.gz").exists());

    // What was unpacked is found again without anything being named, since it made the folder.
    let mut options = ClusterOptions::new(data.path());
    options.durability = Durability::Off;
    options.bin_dir = Some(found.bin.clone());
    Cluster::join(&options).await.unwrap().leave().await.unwrap();
    options.bin_dir = None;
    let cluster = Cluster::join(&options).await.unwrap();
    assert_eq!(cluster.bin_dir(), found.bin);
    cluster.leave().await.unwrap();
}

#[tokio::test]
#[ignore = "needs the real archive of 12 MB: .ci/nightly fetches it and names it in NOCTIS_TEST_POSTGRES_ARCHIVE"]
async fn a_given_archive_serves_a_new_folder_whatever_is_installed() {
    #[allow(clippy::disallowed_methods, reason = "tests have no configuration")]
    let archive = std::env::var("NOCTIS_TEST_POSTGRES_ARCHIVE")
        .expect("NOCTIS_TEST_POSTGRES_ARCHIVE names the archive");
    let data = tempfile::tempdir().unwrap();
    set_mode(data.path(), 0o711).unwrap();
    let mut options = ClusterOptions::new(data.path());
    options.durability = Durability::Off;
    options.postgres_archive = Some(archive.into());
    let cluster = Cluster::join(&options).await.unwrap();
    assert_eq!(cluster.version(), "18.6");
    cluster.leave().await.unwrap();
}
