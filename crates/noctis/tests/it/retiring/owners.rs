//! Whose archive it is: of two copies of a store one goes on.

use noctis::lifecycle::owning;
use noctis::lifecycle::retire::Retirer;
use noctis_store::partitions::{LockBudget, parts};
use noctis_store::testing::TestStore;

use super::{Drill, LATER, kill};

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

#[tokio::test]
async fn a_copy_of_the_database_that_claims_second_moves_nothing() {
    let drill =
        Drill::with(&[kill(1, "2024-05-05T00:00:00Z"), kill(2, "2024-06-05T00:00:00Z")]).await;
    let client = drill.client().await;
    owning::own(&client, &drill.archive).await.unwrap();
    // As createdb -T or a base backup would: the same store, id, generation and claim.
    let copy = Drill::with(&[kill(1, "2024-05-05T00:00:00Z")]).await;
    let ours = parts::claim(&client).await.unwrap();
    let set = "UPDATE noctis_store SET store_id = $1, generation = $2, archive_claim = $3";
    let owner = copy.owner().await;
    owner.execute(set, &[&ours.store_id, &ours.generation, &ours.claim]).await.unwrap();
    drill.retire(LATER).await;

    let mut client = copy.client().await;
    let mut retirer = Retirer::new(&drill.archive, LockBudget::default(), None);
    for step in copy.plan(LATER).await {
        let result = retirer.step(&mut client, &step).await;
        if step.action() == "archive" {
            let refused = format!("{:#}", result.unwrap_err());
            assert!(refused.contains("noctis archive adopt"), "{refused}");
            break;
        }
    }
    assert!(copy.leaves().await.starts_with("2024_05, "));
    assert_eq!(copy.parts().await, "");
    assert_eq!(drill.archive.manifests().await.unwrap().len(), 2);
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
