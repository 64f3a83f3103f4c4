//! Copies of a store that know the same archive, and what else needs a cluster of its own to be shown.

use std::process::Command;

use noctis_archive::{Archive, Place};
use noctis_store::{Store, StoreOptions};

use crate::program::said;
use crate::retiring::LATER;
use crate::retiring::crash::Address;
use crate::retiring::crash::server::Mortal;

/// Applies on the copy: it must be refused and change nothing.
async fn is_refused(copy: &Address<'_>, store: &Store, archive: &Archive, which: &str) {
    let leaves = "SELECT string_agg(inhrelid::regclass::text, ' ' ORDER BY inhrelid::regclass::text) FROM pg_inherits \
                  WHERE inhparent = 'killmails_raw'::regclass";
    let client = store.client().await.unwrap();
    let before: String = client.query_one(leaves, &[]).await.unwrap().get(0);
    assert!(before.contains("2024_05"), "{before}");
    let parts = archive.manifests().await.unwrap();
    let told = said(copy.apply().spawn().unwrap());
    assert_eq!(told.code(), 1, "{which}: {}{}", told.out, told.err);
    let reason = format!("{}{}", told.out, told.err);
    assert!(reason.contains("noctis archive adopt"), "{which}: {reason}");
    let after: String = client.query_one(leaves, &[]).await.unwrap().get(0);
    for month in ["2024_05", "2024_06"] {
        assert!(after.contains(month), "{which}: {after}");
    }
    assert_eq!(archive.manifests().await.unwrap(), parts, "{which}");
    println!("{which}: refused at {LATER}");
}

#[tokio::test]
async fn failure_29_a_copy_by_dump_and_restore_leaves_the_archive_alone() {
    let mortal = Mortal::new().await;
    let folder = mortal.archive_folder();
    let archive = Archive::open(&Place::Folder(folder.clone())).unwrap();
    let store = mortal.store().await;
    let client = store.client().await.unwrap();
    let url = mortal.cluster.owner_url();
    // Claimed before the copy is made, so that the copy knows the claim.
    noctis::lifecycle::owning::own(&client, &archive).await.unwrap();
    let dump = mortal.folder.path().join("dump");
    let bin = mortal.cluster.bin_dir();
    let did = Command::new(bin.join("pg_dump"))
        .args(["-Fc", "-f"])
        .arg(&dump)
        .arg(&url)
        .status()
        .unwrap();
    assert!(did.success());
    let superuser = Store::connect(StoreOptions {
        config: mortal.cluster.superuser_config(),
        connections_max: 1,
        statement_timeout: None,
    })
    .await
    .unwrap();
    superuser
        .client()
        .await
        .unwrap()
        .batch_execute("CREATE DATABASE copy OWNER noctis")
        .await
        .unwrap();
    let copied = format!("{}/copy", url.strip_suffix("/noctis").unwrap());
    let did =
        Command::new(bin.join("pg_restore")).arg("-d").arg(&copied).arg(&dump).status().unwrap();
    assert!(did.success());

    said(Address { url, archive: &folder }.apply().spawn().unwrap()).good();
    let mut config = mortal.cluster.owner_config();
    config.dbname("copy");
    let options = StoreOptions { config, connections_max: 2, statement_timeout: None };
    let store = Store::connect(options).await.unwrap();
    let copy = Address { url: copied, archive: &folder };
    is_refused(&copy, &store, &archive, "a dump restored").await;
}

#[tokio::test]
async fn failure_29_a_copy_of_the_clusters_files_leaves_the_archive_alone() {
    let mortal = Mortal::new().await;
    let folder = mortal.archive_folder();
    let archive = Archive::open(&Place::Folder(folder.clone())).unwrap();
    {
        let store = mortal.store().await;
        let client = store.client().await.unwrap();
        noctis::lifecycle::owning::own(&client, &archive).await.unwrap();
    }
    let (mortal, copy) = mortal.copied().await;
    said(Address { url: mortal.cluster.owner_url(), archive: &folder }.apply().spawn().unwrap())
        .good();
    let address = Address { url: copy.cluster.owner_url(), archive: &folder };
    is_refused(&address, &copy.store().await, &archive, "a copy of the cluster's files").await;
}

#[tokio::test]
async fn failure_12_a_leaf_that_is_a_strangers_stays_and_the_others_go() {
    let mortal = Mortal::new().await;
    let folder = mortal.archive_folder();
    let superuser = Store::connect(StoreOptions {
        config: mortal.cluster.superuser_config(),
        connections_max: 1,
        statement_timeout: None,
    })
    .await
    .unwrap();
    let superuser = superuser.client().await.unwrap();
    superuser
        .batch_execute(
            "CREATE ROLE stranger; ALTER TABLE killmails_enriched_2024_05 OWNER TO stranger",
        )
        .await
        .unwrap();
    let address = Address { url: mortal.cluster.owner_url(), archive: &folder };
    let told = said(address.apply().spawn().unwrap());
    assert_eq!(told.code(), 1, "{}{}", told.out, told.err);
    let conflicts = told.json()["conflicts"].to_string();
    assert!(
        conflicts.contains("killmails_enriched_2024_05 belongs to another role"),
        "{conflicts}"
    );
    let cold = "SELECT string_agg(month, ' ') FROM archive_parts WHERE state = 'cold'";
    let cold: String = superuser.query_one(cold, &[]).await.unwrap().get(0);
    assert_eq!(cold, "2024-06");
    let plan = address
        .command(&["partitions", "plan", "--now", LATER, "--floor", "1", "--json"])
        .spawn()
        .unwrap();
    let plan = said(plan).json();
    assert!(plan["conflicts"].to_string().contains("2024-05-01"), "{plan:#}");
    superuser
        .batch_execute("ALTER TABLE killmails_enriched_2024_05 OWNER TO noctis")
        .await
        .unwrap();
    said(address.apply().spawn().unwrap()).good();
    let both = "SELECT count(*) FROM archive_parts WHERE state = 'cold'";
    assert_eq!(superuser.query_one(both, &[]).await.unwrap().get::<_, i64>(0), 2);
}
