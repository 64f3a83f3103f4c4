//! What is done to partitions while the application runs: our operations, and statements as they come to mind first.

use std::time::{Duration, Instant};

use noctis_core::archive::{Contents, FileEntry, MANIFEST_FORMAT, Manifest, PartName, Proof};
use noctis_core::partition::{Interval, Leaf, Member, Period, Policy, Step};
use noctis_core::time::TimeRange;
use noctis_store::ledger::Entry;
use noctis_store::partitions::export::Export;
use noctis_store::partitions::index_rollout::{Declaration, Limits, roll_out};
use noctis_store::partitions::restore::Restore;
use noctis_store::partitions::{self, LockBudget, parts, retire};
use noctis_store::testing::{TestStore, catalogue};
use tokio_postgres::Client;

use crate::kills::{at, count, count_all};

/// Something done to partitions. Each is done to a month of its own.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Operation {
    Create,
    Close,
    Reopen,
    Detach,
    Discard,
    Drop,
    Restore,
    /// A new index, leaf by leaf.
    Index,
    /// `CREATE TABLE … PARTITION OF`
    PartitionOf,
    /// `ALTER TABLE … DETACH PARTITION`
    PlainDetach,
    /// `DROP TABLE` of a partition
    PlainDrop,
    /// `CREATE INDEX` on the parent
    PlainIndex,
}

impl Operation {
    pub(crate) const OURS: [Operation; 8] = [
        Operation::Create,
        Operation::Close,
        Operation::Reopen,
        Operation::Detach,
        Operation::Discard,
        Operation::Drop,
        Operation::Restore,
        Operation::Index,
    ];
    pub(crate) const NAIVE: [Operation; 4] = [
        Operation::PartitionOf,
        Operation::PlainDetach,
        Operation::PlainDrop,
        Operation::PlainIndex,
    ];

    pub(crate) fn name(self) -> &'static str {
        match self {
            Operation::Create => "create 24 ranges",
            Operation::Close => "close",
            Operation::Reopen => "reopen",
            Operation::Detach => "detach",
            Operation::Discard => "discard",
            Operation::Drop => "drop",
            Operation::Restore => "restore and attach",
            Operation::Index => "index on every leaf",
            Operation::PartitionOf => "`PARTITION OF`",
            Operation::PlainDetach => "`DETACH PARTITION`",
            Operation::PlainDrop => "`DROP TABLE`",
            Operation::PlainIndex => "`CREATE INDEX`",
        }
    }

    pub(crate) fn is_ours(self) -> bool {
        Operation::OURS.contains(&self)
    }
}

/// What an operation took.
#[derive(Clone, Copy, Debug, Default)]
pub(crate) struct Took {
    pub(crate) time: Duration,
    pub(crate) tries: u32,
    /// The longest time a try might wait.
    pub(crate) budget_ms: u64,
}

/// A month that is worked on.
#[derive(Clone, Copy)]
pub(crate) struct Month(pub(crate) TimeRange);

impl Month {
    /// The so-many-th from January 2015.
    pub(crate) fn number(n: usize) -> Month {
        let mut period = Period::containing(Interval::Month, at("2015-01-01T00:00:00Z"));
        for _ in 0..n {
            period = period.next();
        }
        Month(period.range())
    }

    fn suffix(self) -> String {
        Period::containing(Interval::Month, self.0.from).name()
    }

    fn part(self) -> PartName {
        PartName { month: self.suffix().replace('_', "-"), part: 0 }
    }

    async fn leaves(self, client: &Client) -> Vec<Leaf> {
        let leaves = partitions::inspect(client).await.unwrap().leaves;
        let leaves: Vec<Leaf> = leaves.into_iter().filter(|leaf| leaf.range == self.0).collect();
        assert_eq!(leaves.len(), 3);
        leaves
    }
}

/// That somebody has read the files: here nobody writes any, for what is measured is how long others wait.
struct Told(Manifest);

impl Proof for Told {
    fn manifest(&self) -> &Manifest {
        &self.0
    }
}

async fn told(client: &Client, month: Month) -> Told {
    let mut files = Vec::new();
    for table in Member::ALL {
        let rows =
            count(client, &format!("SELECT count(*) FROM {}_{}", table.table(), month.suffix()))
                .await;
        let contents = Contents { rows: u64::try_from(rows).unwrap(), ..Contents::default() };
        files.push(FileEntry {
            table,
            path: String::new(),
            bytes: 0,
            sha256: String::new(),
            contents,
        });
    }
    Told(Manifest {
        format: MANIFEST_FORMAT,
        store_id: parts::claim(client).await.unwrap().store_id,
        generation: 1,
        schema_version: 10,
        schema_hash: String::new(),
        name: month.part(),
        range: month.0,
        written_at: crate::reading::now(),
        written_by: "a test".to_owned(),
        files,
    })
}

/// Brings a month to where the operation begins.
pub(crate) async fn prepare(test: &TestStore, operation: Operation, month: Month) {
    let mut client = test.database.owner().await;
    count_all(test).await;
    match operation {
        Operation::Create
        | Operation::Close
        | Operation::Index
        | Operation::PartitionOf
        | Operation::PlainDetach
        | Operation::PlainDrop
        | Operation::PlainIndex => {}
        Operation::Reopen | Operation::Discard | Operation::Detach => {
            close(&mut client, month).await;
            if operation == Operation::Detach {
                verify(&mut client, month).await;
            }
        }
        Operation::Drop | Operation::Restore => {
            close(&mut client, month).await;
            let proof = verify(&mut client, month).await;
            let leaves = month.leaves(&client).await;
            retire::detach(&mut client, &proof, &leaves, LockBudget::default(), None)
                .await
                .unwrap();
        }
    }
}

/// Does it, and gives up after the budget's tries.
pub(crate) async fn run(test: &TestStore, operation: Operation, month: Month) -> Took {
    let mut client = test.database.owner().await;
    let started = Instant::now();
    let (tries, budget_ms) = match operation {
        Operation::Create => create(&mut client).await,
        Operation::Close => close(&mut client, month).await,
        Operation::Reopen => reopen(&mut client, month).await,
        Operation::Detach => {
            let proof = told(&client, month).await;
            let leaves = month.leaves(&client).await;
            of(retire::detach(&mut client, &proof, &leaves, LockBudget::default(), None)
                .await
                .unwrap())
        }
        Operation::Discard => {
            let leaves = month.leaves(&client).await;
            of(retire::discard(&mut client, &leaves, &catalogue(), LockBudget::default(), None)
                .await
                .unwrap())
        }
        Operation::Drop => drop_retired(&mut client, month).await,
        Operation::Restore => restore(&mut client, month).await,
        Operation::Index => index(&mut client).await,
        Operation::PartitionOf
        | Operation::PlainDetach
        | Operation::PlainDrop
        | Operation::PlainIndex => {
            client.batch_execute(&naive(operation, month)).await.unwrap();
            (1, 0)
        }
    };
    Took { time: started.elapsed(), tries, budget_ms }
}

fn naive(operation: Operation, month: Month) -> String {
    let suffix = month.suffix();
    match operation {
        Operation::PartitionOf => {
            let Month(TimeRange { from, to }) = Month::number(0);
            format!(
                "CREATE TABLE naive_{suffix} PARTITION OF killmails_raw FOR VALUES FROM ('{from}') TO ('{to}')"
            )
        }
        Operation::PlainDetach => {
            format!("ALTER TABLE killmails_raw DETACH PARTITION killmails_raw_{suffix}")
        }
        Operation::PlainDrop => format!("DROP TABLE killmails_raw_{suffix}"),
        Operation::PlainIndex => format!("CREATE INDEX naive_{suffix} ON killmails_raw (war_id)"),
        _ => unreachable!("{operation:?} is one of ours"),
    }
}

fn of(waits: partitions::Waits) -> (u32, u64) {
    (waits.tries, waits.longest_ms)
}

async fn create(client: &mut Client) -> (u32, u64) {
    // Two years, long before; of what is ahead of them nothing is there.
    let needed: Vec<_> = (0..24).map(|number| Month::number(number).0.from).collect();
    let (now, budget) = (crate::reading::now(), LockBudget::default());
    let policy = Policy { ahead: 1, ..Policy::default() };
    let applied = partitions::ensure(client, &policy, budget, now, &needed).await.unwrap();
    assert_eq!((applied.steps.len(), applied.failed.len()), (24, 0), "{applied:?}");
    // Readers and writers go on beside its locks: its budget stalls nobody.
    (applied.lock_tries, 0)
}

async fn carry_out(client: &mut Client, step: Step) -> (u32, u64) {
    of(partitions::carry_out(client, &step, LockBudget::default(), None).await.unwrap())
}

async fn close(client: &mut Client, month: Month) -> (u32, u64) {
    let leaves = month.leaves(client).await;
    carry_out(client, Step::Close { range: month.0, leaves }).await
}

async fn reopen(client: &mut Client, month: Month) -> (u32, u64) {
    let leaves = month.leaves(client).await;
    carry_out(client, Step::Reopen { range: month.0, leaves }).await
}

async fn verify(client: &mut Client, month: Month) -> Told {
    let proof = told(client, month).await;
    let leaves = month.leaves(client).await;
    let fence = Export::begin(client, &leaves).await.unwrap().end().await.unwrap();
    let entry = Entry::new("archive", Some(month.0));
    parts::record_verified(client, &proof, &fence, entry).await.unwrap();
    proof
}

async fn drop_retired(client: &mut Client, month: Month) -> (u32, u64) {
    let stored = parts::parts(client).await.unwrap();
    let stored = stored.into_iter().find(|part| part.manifest.range == month.0).unwrap();
    let inventory = partitions::inspect(client).await.unwrap();
    let tables: Vec<_> =
        inventory.retired.into_iter().filter(|table| table.range == month.0).collect();
    assert_eq!(tables.len(), 3);
    let proof = Told(stored.manifest);
    of(retire::drop_retired(client, &tables, Some(&proof), LockBudget::default(), None)
        .await
        .unwrap())
}

/// The rows come from the retired tables, as they would from files.
async fn restore(client: &mut Client, month: Month) -> (u32, u64) {
    let stored = parts::parts(client).await.unwrap();
    let stored: Vec<_> = stored.into_iter().filter(|part| part.manifest.range == month.0).collect();
    let retired = partitions::inspect(client).await.unwrap().retired;
    let mut restore = Restore::begin(client, &stored, LockBudget::default()).await.unwrap();
    for member in Member::ALL {
        let table =
            retired.iter().find(|table| table.range == month.0 && table.member == member).unwrap();
        let copy = partitions::ddl::moving::copy_out(member, &table.name);
        let rows = client.copy_out(&copy).await.unwrap();
        let rows = futures_util::TryStreamExt::map_err(rows, noctis_store::Error::from);
        restore.fill(client, member, rows).await.unwrap();
    }
    restore.take_over_late(client).await.unwrap();
    restore.finish(client).await.unwrap();
    of(restore.attach(client, LockBudget::default()).await.unwrap())
}

async fn index(client: &mut Client) -> (u32, u64) {
    let declared = Declaration {
        name: "killmails_enriched_points_idx",
        member: Member::Enriched,
        definition: "USING btree (points)",
    };
    let done = roll_out(client, &[declared], Limits::default()).await.unwrap();
    (done[0].lock_tries, done[0].lock_wait_ms_max)
}
