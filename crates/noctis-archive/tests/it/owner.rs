//! Whose archive it is, and that only one can come to be its owner.

use futures_util::future::join_all;
use noctis_archive::{Archive, Error, Owner};
use uuid::Uuid;

use crate::rows::{Folder, folder};

fn owner(store: u128, generation: i64, claim: u128) -> Owner {
    Owner { store_id: Uuid::from_u128(store), generation, claim: Uuid::from_u128(claim) }
}

#[tokio::test]
async fn of_many_who_claim_an_archive_at_once_one_gets_it() {
    let folder = folder();
    one_of_many_gets_it(&folder.archive).await;
}

/// As it must be in a folder and in a bucket.
pub(crate) async fn one_of_many_gets_it(archive: &Archive) {
    assert_eq!(archive.owner().await.unwrap(), None);
    let mut expected = None;
    for round in 1..4_u128 {
        let claimants: Vec<Owner> = (0..8).map(|it| owner(it, 1, round * 100 + it)).collect();
        let claims = claimants.iter().map(|it| archive.claim(expected.as_ref(), it));
        let results = join_all(claims).await;
        let winners: Vec<&Owner> = claimants
            .iter()
            .zip(&results)
            .filter(|(_, result)| result.is_ok())
            .map(|(claimant, _)| claimant)
            .collect();
        assert_eq!(winners.len(), 1, "{results:?}");
        let losers = results.iter().filter(|it| matches!(it, Err(Error::NotOurs { .. })));
        assert_eq!(losers.count(), 7, "{results:?}");
        expected = archive.owner().await.unwrap();
        assert_eq!(expected.as_ref(), Some(winners[0]));
    }
}

#[tokio::test]
async fn a_copy_of_a_store_does_not_get_its_archive() {
    let folder = folder();
    let archive = &folder.archive;
    let before = owner(7, 1, 1);
    archive.claim(None, &before).await.unwrap();
    // The store is copied here; both know the claim, and one goes on.
    let after = owner(7, 2, 2);
    archive.claim(Some(&before), &after).await.unwrap();
    let error = archive.claim(Some(&before), &owner(7, 2, 3)).await.unwrap_err();
    let Error::NotOurs { found, .. } = &error else { panic!("{error}") };
    assert_eq!(found.as_ref(), Some(&after));
    assert!(error.to_string().contains("noctis archive adopt"), "{error}");
    // Who takes it over says whom he takes it from.
    let other = owner(8, 1, 4);
    assert!(archive.claim(None, &other).await.is_err());
    archive.claim(Some(&after), &other).await.unwrap();
    assert_eq!(archive.owner().await.unwrap(), Some(other));
}

fn records(folder: &Folder) -> Vec<String> {
    let records = std::fs::read_dir(folder.path.path().join("owner")).unwrap();
    let mut names: Vec<String> =
        records.map(|it| it.unwrap().file_name().into_string().unwrap()).collect();
    names.sort();
    names
}

#[tokio::test]
async fn records_are_numbered_and_the_newest_two_are_kept() {
    let folder = folder();
    let mut expected: Option<Owner> = None;
    for claim in 1..12 {
        let next = owner(7, 1, claim);
        folder.archive.claim(expected.as_ref(), &next).await.unwrap();
        expected = Some(next);
    }
    assert_eq!(records(&folder), ["00000000000000000010.json", "00000000000000000011.json"]);
    assert_eq!(folder.archive.owner().await.unwrap(), expected);
}
