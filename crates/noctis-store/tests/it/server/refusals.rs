//! What cannot work is said in one sentence.

use std::fs;
use std::os::unix::fs::PermissionsExt;

use noctis_store::server::{Cluster, Error};

use super::{Folder, running};

#[tokio::test]
async fn a_folder_made_by_a_version_that_is_gone_names_the_package() {
    let folder = Folder::new();
    fs::create_dir_all(folder.data.join("postgres")).unwrap();
    fs::write(folder.data.join("postgres/PG_VERSION"), "14\n").unwrap();
    let said = Cluster::join(&folder.options()).await.unwrap_err().to_string();
    assert!(
        said.contains("was made by PostgreSQL 14 and its binaries are gone: install postgresql"),
        "{said}"
    );
    assert!(said.contains("14 "), "{said}");
}

#[tokio::test]
async fn no_binaries_is_one_line_that_says_what_to_install() {
    let folder = Folder::new();
    let mut options = folder.options();
    let empty = folder.folder.path().join("empty");
    fs::create_dir(&empty).unwrap();
    options.bin_dir = Some(empty.clone());
    let error = Cluster::join(&options).await.unwrap_err();
    assert!(matches!(error, Error::NoBinaries { .. }));
    let said = error.to_string();
    assert!(said.contains(&format!("{} has no initdb", empty.display())), "{said}");
    assert!(said.contains("install postgresql") && !said.contains('\n'), "{said}");

    // A download that fails is told in the same line.
    options.download_base = Some("http://127.0.0.1:1/mirror".into());
    let said = Cluster::join(&options).await.unwrap_err().to_string();
    assert!(said.contains("127.0.0.1:1/mirror/18.6.0/postgresql-18.6.0-"), "{said}");
    assert!(said.contains("could not be downloaded: Connection refused"), "{said}");
    assert!(said.contains("install postgresql") && !said.contains('\n'), "{said}");
}

#[tokio::test]
async fn a_folder_that_the_servers_account_cannot_pass_is_named() {
    let folder = Folder::new();
    fs::create_dir(&folder.data).unwrap();
    fs::set_permissions(folder.folder.path(), fs::Permissions::from_mode(0o700)).unwrap();
    let joined = Cluster::join(&folder.options()).await;
    if !rustix::process::geteuid().is_root() {
        // There is no other account then, and what is ours we pass.
        return joined.unwrap().leave().await.unwrap();
    }
    let said = joined.unwrap_err().to_string();
    let closed = folder.folder.path().canonicalize().unwrap();
    let expected = format!(
        "which cannot pass {0}: choose another --data-dir or run `chmod o+x {0}`",
        closed.display()
    );
    assert!(said.ends_with(&expected), "{said}");
}

#[tokio::test]
async fn a_server_that_cannot_start_says_why() {
    let folder = Folder::new();
    Cluster::join(&folder.options()).await.unwrap().leave().await.unwrap();
    let conf = folder.data.join("postgres/postgresql.conf");
    let text = fs::read_to_string(&conf).unwrap();
    fs::write(&conf, format!("{text}\nshared_buffers = 'a lot'\n")).unwrap();
    let said = Cluster::join(&folder.options()).await.unwrap_err().to_string();
    assert!(said.starts_with("postgres failed: ") && said.contains("shared_buffers"), "{said}");
    assert_eq!(running(&folder.data), None);
    // A start cut off while the cluster was being made leaves nothing in the way.
    fs::write(&conf, text).unwrap();
    fs::create_dir(folder.data.join("postgres.new")).unwrap();
    fs::rename(folder.data.join("postgres"), folder.data.join("put-aside")).unwrap();
    Cluster::join(&folder.options()).await.unwrap().leave().await.unwrap();
}

#[tokio::test]
async fn a_folder_whose_name_a_shell_would_read_is_refused() {
    let mut folder = Folder::new();
    folder.data = folder.folder.path().join("$(touch here)");
    let said = Cluster::join(&folder.options()).await.unwrap_err().to_string();
    let expected = "choose a --data-dir of UTF-8 without any of \" \\ $ ` ,";
    assert_eq!(said, format!("PostgreSQL cannot run in {}: {expected}", folder.data.display()));
    assert!(!folder.data.exists());
}
