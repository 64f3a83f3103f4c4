//! Whose archive it is: of two copies of a store one goes on.

use noctis::lifecycle::owning;
use noctis_archive::{Archive, Place};
use noctis_store::partitions::parts;
use noctis_store::testing::TestStore;
use noctis_store::{Config, Store, StoreOptions};

use super::{Drill, LATER, counter, kill};

#[tokio::test]
async fn of_two_stores_the_second_is_refused_and_told_how_to_take_over() {
    let drill = Drill::with(&[kill(1, "2024-05-05T00:00:00Z")]).await;
    drill.retire(LATER).await;
    let other = TestStore::new().await;
    let client = other.store.client().await.unwrap();
    // The template's id is everybody's.
    let owner = other.database.owner().await;
    owner.batch_execute("UPDATE noctis_store SET store_id = gen_random_uuid()").await.unwrap();
    let refused = owning::own(&client, &drill.archive).await.unwrap_err().to_string();
    assert!(refused.contains("noctis archive adopt"), "{refused}");
    let first = drill.client().await;
    let ours = parts::claim(&first).await.unwrap();
    owning::take_over(&client, &drill.archive, ours.store_id).await.unwrap();
    let refused = owning::own(&first, &drill.archive).await.unwrap_err().to_string();
    assert!(refused.contains("belongs to the store"), "{refused}");
}

/// Looks before a closed connection counts as never going.
const LOOKS_MAX: u32 = 10_000;

async fn connect(config: Config) -> Store {
    let options = StoreOptions { config, connections_max: 4, statement_timeout: None };
    Store::connect(options).await.unwrap()
}

/// A copy as `createdb -T` makes it, which wants nobody to be connected to the original; the original's store anew, too.
async fn copied(drill: &mut Drill) -> (Store, String) {
    drill.test.store.close();
    let mut config = drill.test.database.owner_config();
    let name = format!("{}_copy", drill.test.database.name());
    config.dbname("postgres");
    let server = connect(config.clone()).await;
    let server = server.client().await.unwrap();
    let gone = "SELECT count(*) = 0 FROM pg_stat_activity WHERE datname = $1";
    for _ in 0..LOOKS_MAX {
        if server.query_one(gone, &[&drill.test.database.name()]).await.unwrap().get(0) {
            break;
        }
    }
    let create = format!("CREATE DATABASE {name} TEMPLATE {}", drill.test.database.name());
    server.batch_execute(&create).await.unwrap();
    drill.test.store = connect(drill.test.database.owner_config()).await;
    drill.counter = counter(&drill.test, drill.folder.path());
    config.dbname(&name);
    (connect(config).await, name)
}

#[tokio::test]
async fn of_a_store_and_its_copy_the_first_to_claim_goes_on_and_the_other_moves_and_drops_nothing()
{
    let mut drill =
        Drill::with(&[kill(1, "2024-05-05T00:00:00Z"), kill(2, "2024-06-05T00:00:00Z")]).await;
    drill.retire(LATER).await;
    drill.store(&[kill(3, "2024-07-05T00:00:00Z")]).await;
    let before = drill.archive.manifests().await.unwrap();
    let (copy, name) = copied(&mut drill).await;

    let original = std::mem::replace(&mut drill.test.store, copy);
    drill.counter = counter(&drill.test, drill.folder.path());
    let (_, problems) = drill.run(LATER).await;
    assert_eq!(problems, Vec::<String>::new(), "the copy is the first, and goes on");
    let after = drill.archive.manifests().await.unwrap();
    assert!(after.len() > before.len());

    let copy = std::mem::replace(&mut drill.test.store, original);
    drill.counter = counter(&drill.test, drill.folder.path());
    drill.store(&[kill(4, "2024-08-05T00:00:00Z")]).await;
    let retired = drill.number("SELECT count(*) FROM retired_leaves").await;
    let (done, problems) = drill.run(LATER).await;
    assert!(done.iter().all(|action| ["create", "close"].contains(action)), "{done:?}");
    assert!(!problems.is_empty());
    assert!(
        problems.iter().all(|problem| problem.contains("noctis archive adopt")),
        "{problems:?}"
    );
    assert_eq!(drill.archive.manifests().await.unwrap(), after, "not a file was touched");
    assert_eq!(drill.number("SELECT count(*) FROM retired_leaves").await, retired);
    copy.close();
    let drop = format!("DROP DATABASE {name} WITH (FORCE)");
    drill.owner().await.batch_execute(&drop).await.unwrap();
}

/// Both come to the same generation, each on an archive of its own; then one is given the other's.
#[tokio::test]
async fn of_two_copies_of_one_generation_neither_takes_the_others_archive() {
    let mut drill = Drill::with(&[]).await;
    let client = drill.client().await;
    owning::own(&client, &drill.archive).await.unwrap();
    drop(client);
    let (copy, name) = copied(&mut drill).await;
    let folder = tempfile::tempdir().unwrap();
    std::fs::create_dir(folder.path().join("owner")).unwrap();
    for record in std::fs::read_dir(drill.folder.path().join("owner")).unwrap() {
        let record = record.unwrap();
        std::fs::copy(record.path(), folder.path().join("owner").join(record.file_name())).unwrap();
    }
    let archive = Archive::open(&Place::Folder(folder.path().to_owned())).unwrap();

    let (original, copied) = (drill.client().await, copy.client().await.unwrap());
    let ours = owning::own(&original, &drill.archive).await.unwrap();
    let theirs = owning::own(&copied, &archive).await.unwrap();
    assert_eq!(theirs.generation, ours.generation);
    for (client, others) in [(&copied, &drill.archive), (&original, &archive)] {
        let refused = owning::own(client, others).await.unwrap_err().to_string();
        assert!(refused.contains("noctis archive adopt"), "{refused}");
    }
    assert_eq!(drill.archive.owner().await.unwrap(), Some(ours));
    owning::own(&original, &drill.archive).await.unwrap();
    owning::own(&copied, &archive).await.unwrap();
    drop(copied);
    copy.close();
    let drop = format!("DROP DATABASE {name} WITH (FORCE)");
    drill.owner().await.batch_execute(&drop).await.unwrap();
}

#[tokio::test]
async fn a_claim_that_was_cut_off_is_known_again() {
    let drill = Drill::with(&[]).await;
    let client = drill.client().await;
    let first = owning::own(&client, &drill.archive).await.unwrap();
    // As after a death between the claim and the generation.
    let owner = drill.owner().await;
    owner.execute("UPDATE noctis_store SET generation = generation - 1", &[]).await.unwrap();
    let second = owning::own(&client, &drill.archive).await.unwrap();
    assert_eq!(second.generation, first.generation + 1);
    // As after a death between the note and the claim.
    parts::note_claim(&client, uuid()).await.unwrap();
    let third = owning::own(&client, &drill.archive).await.unwrap();
    assert_eq!(third.generation, second.generation + 1);
    owning::still_ours(&drill.archive, &third).await.unwrap();
    assert!(owning::still_ours(&drill.archive, &second).await.is_err());
}

fn uuid() -> uuid::Uuid {
    uuid::Uuid::new_v4()
}
