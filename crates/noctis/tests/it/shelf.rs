//! An archive in a folder, and months that go there and come back at once, without a plan.

use noctis::lifecycle::restore::restore;
use noctis::lifecycle::retire::Retirer;
use noctis::presence::Counter;
use noctis::static_data::Current;
use noctis_archive::{Archive, Place};
use noctis_core::archive::PartName;
use noctis_core::partition::{Leaf, Step};
use noctis_core::time::{TimeRange, day};
use noctis_store::Store;
use noctis_store::partitions::{self, LockBudget, parts};
use noctis_store::testing::catalogue;
use tempfile::TempDir;

pub(crate) struct Shelf {
    folder: TempDir,
    pub(crate) archive: Archive,
}

impl Shelf {
    pub(crate) fn new() -> Shelf {
        let folder = tempfile::tempdir().unwrap();
        let archive = Archive::open(&Place::Folder(folder.path().to_owned())).unwrap();
        Shelf { folder, archive }
    }

    pub(crate) fn place(&self) -> Place {
        Place::Folder(self.folder.path().to_owned())
    }

    pub(crate) fn path(&self) -> &std::path::Path {
        self.folder.path()
    }

    /// The months that are in the tables, oldest first.
    pub(crate) async fn hot_months(store: &Store) -> Vec<String> {
        let leaves = partitions::inspect(&store.client().await.unwrap()).await.unwrap().leaves;
        let mut months: Vec<String> = leaves.iter().map(|leaf| month(leaf.range)).collect();
        months.sort();
        months.dedup();
        months
    }

    /// Moves a month to the archive, each range of it that is in the tables as a part.
    pub(crate) async fn put(&self, store: &Store, wanted: &str) {
        let mut client = store.client().await.unwrap();
        let leaves = partitions::inspect(&client).await.unwrap().leaves;
        let mut ranges: Vec<TimeRange> = leaves.iter().map(|leaf| leaf.range).collect();
        ranges.retain(|range| month(*range) == wanted);
        ranges.sort();
        ranges.dedup();
        let counter = Counter::new(store.clone(), None, Current::new(catalogue()));
        let mut retirer = Retirer::new(&self.archive, &counter, LockBudget::default(), None);
        for range in ranges {
            let known = parts::parts(&**client).await.unwrap();
            let of_month = known.iter().filter(|part| part.manifest.name.month == wanted);
            let part = of_month.map(|part| part.manifest.name.part + 1).max().unwrap_or(0);
            let name = PartName { month: wanted.to_owned(), part };
            let here: Vec<Leaf> =
                leaves.iter().filter(|leaf| leaf.range == range).cloned().collect();
            let closed: Vec<Leaf> =
                here.iter().map(|leaf| Leaf { closed: true, ..leaf.clone() }).collect();
            let archive = Step::Archive { range, name: name.clone(), leaves: closed.clone() };
            let detach = Step::Detach { range, name, leaves: closed };
            for step in [Step::Close { range, leaves: here }, archive, detach] {
                retirer.step(&mut client, &step).await.unwrap();
            }
        }
    }

    /// Moves it back.
    pub(crate) async fn take(&self, store: &Store, month: &str) {
        restore(store, &self.archive, month, LockBudget::default()).await.unwrap();
    }
}

fn month(range: TimeRange) -> String {
    day(range.from).strftime("%Y-%m").to_string()
}
