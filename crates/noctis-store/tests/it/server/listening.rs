//! Addresses: the socket's and, where it is asked for, loopback's.

use std::fs;
use std::net::{SocketAddr, TcpListener};
use std::os::unix::fs::PermissionsExt;
use std::process::Command;

use noctis_store::server::{Cluster, Error};
use tokio_postgres::NoTls;

use super::Folder;

fn free_address() -> SocketAddr {
    TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap()
}

/// Who psql is there; the URL is all it is given.
fn psql(cluster: &Cluster, url: &str) -> String {
    let beside = cluster.bin_dir().join("psql");
    let program = if beside.is_file() { beside } else { "psql".into() };
    let output =
        Command::new(program).args([url, "-AtXc", "SELECT current_user"]).output().unwrap();
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    String::from_utf8(output.stdout).unwrap().trim().to_owned()
}

#[tokio::test]
async fn loopback_asks_for_the_generated_password_and_the_socket_for_none() {
    let mut folder = Folder::new();
    // What has a meaning in settings, lists of folders or URLs, and may yet stand in a path.
    folder.data = folder.folder.path().join("it's an (odd) #f:o@%20ldér; *");
    let mut options = folder.options();
    options.listen = Some(free_address());
    let cluster = Cluster::join(&options).await.unwrap();
    let password = folder.data.join("password");
    assert_eq!(fs::metadata(&password).unwrap().permissions().mode() & 0o777, 0o600);

    assert_eq!(psql(&cluster, &cluster.owner_url()), "noctis");
    assert_eq!(psql(&cluster, &cluster.reader_url()), "noctis_read");
    let owner = cluster.owner_loopback_url().unwrap();
    assert_eq!(psql(&cluster, &owner), "noctis");
    let reader = cluster.reader_loopback_url().unwrap();
    assert_eq!(psql(&cluster, &reader), "noctis_read");

    let mut wrong: tokio_postgres::Config = reader.parse().unwrap();
    wrong.password("guessed");
    assert!(wrong.connect(NoTls).await.is_err());
    // The superuser has no password, so it cannot come this way at all.
    wrong.user("postgres").password("");
    assert!(wrong.connect(NoTls).await.is_err());

    // One who does not ask for listening joins it all the same; one who asks for another address cannot.
    let plain = Cluster::join(&folder.options()).await.unwrap();
    assert_eq!(plain.owner_loopback_url().as_ref(), Some(&owner));
    options.listen = Some(free_address());
    let refused = Cluster::join(&options).await.unwrap_err();
    assert!(matches!(refused, Error::NotListening { .. }), "{refused}");
    cluster.leave().await.unwrap();
    plain.leave().await.unwrap();
}

#[tokio::test]
async fn a_server_on_its_socket_only_has_no_password_and_no_loopback_address() {
    let folder = Folder::new();
    let cluster = Cluster::join(&folder.options()).await.unwrap();
    assert_eq!(cluster.owner_loopback_url(), None);
    assert!(!folder.data.join("password").exists());
    cluster.leave().await.unwrap();
}

#[tokio::test]
async fn an_address_that_others_could_reach_is_refused() {
    let folder = Folder::new();
    let mut options = folder.options();
    for address in ["0.0.0.0:5433", "192.0.2.1:5433", "[::]:5433", "127.0.0.1:0"] {
        options.listen = Some(address.parse().unwrap());
        let said = Cluster::join(&options).await.unwrap_err().to_string();
        let expected = "PostgreSQL listens on a loopback address and a port only, not on ";
        assert_eq!(said, format!("{expected}{address}: try 127.0.0.1:5433"));
    }
    assert!(!folder.data.exists());
}
