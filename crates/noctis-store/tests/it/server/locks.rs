//! Who may use a data folder, and what is left when a user dies.

use std::io::{BufRead, BufReader};
use std::process::{Command, Stdio};

use noctis_store::server::{Cluster, ServeLock};

use super::{Folder, options, running};

/// Names the data folder to the child process below.
const CHILD_FOLDER: &str = "NOCTIS_TEST_CHILD_FOLDER";

#[tokio::test]
async fn a_server_whose_user_was_killed_is_adopted_and_stopped_by_the_next() {
    let folder = Folder::new();
    let mut child = Command::new(std::env::current_exe().unwrap())
        .args(["--exact", "server::locks::a_user_that_never_leaves", "--ignored", "--nocapture"])
        .env(CHILD_FOLDER, &folder.data)
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .spawn()
        .unwrap();
    let mut lines = BufReader::new(child.stdout.take().unwrap()).lines();
    assert!(lines.any(|line| line.unwrap().contains("joined")), "the child ended before it joined");
    let orphan = running(&folder.data).unwrap();
    child.kill().unwrap();
    child.wait().unwrap();

    let cluster = Cluster::join(&folder.options()).await.unwrap();
    assert_eq!(cluster.postmaster_pid(), orphan.as_raw_nonzero().get());
    cluster.leave().await.unwrap();
    assert_eq!(running(&folder.data), None);
}

#[tokio::test]
#[ignore = "is the child process of the test above"]
#[allow(clippy::disallowed_methods, reason = "tests have no configuration")]
async fn a_user_that_never_leaves() {
    let folder = std::env::var(CHILD_FOLDER).expect("the test above names the folder");
    let _cluster = Cluster::join(&options(folder.as_ref())).await.unwrap();
    println!("joined");
    // Until the parent kills us, or is gone itself.
    std::io::stdin().read_line(&mut String::new()).unwrap();
}

#[tokio::test]
async fn a_server_whose_user_forgot_to_leave_runs_on() {
    let folder = Folder::new();
    let forgotten = Cluster::join(&folder.options()).await.unwrap();
    let pid = forgotten.postmaster_pid();
    drop(forgotten);
    let next = Cluster::join(&folder.options()).await.unwrap();
    assert_eq!(next.postmaster_pid(), pid);
    next.leave().await.unwrap();
    assert_eq!(running(&folder.data), None);
}

#[test]
fn a_second_serve_on_a_data_folder_is_refused_by_name() {
    let folder = Folder::new();
    let first = ServeLock::take(&folder.data).unwrap();
    let said = ServeLock::take(&folder.data).unwrap_err().to_string();
    let expected = format!(
        "noctis serve runs already on {} (process {}): stop it, or give another --data-dir",
        folder.data.display(),
        std::process::id()
    );
    assert_eq!(said, expected);
    drop(first);
    ServeLock::take(&folder.data).unwrap();
}
