//! How long the application stands still while partitions are worked on.
//!
//! Writers and readers of the current month run, through the parents and on its leaves alone; something stands in the way;
//! one operation is done; and the slowest transaction of that time is told. Statements as they come to mind first are done
//! too: with them the application stands still for as long as what is in the way, so that the harness is seen to measure.

mod application;
mod behind;
mod operations;

use std::time::Duration;

use noctis_store::testing::TestStore;

use application::{Application, Met};
use behind::Behind;
use operations::{Month, Operation, Took};

use crate::kills::{ensure_months, kill, store};

/// Transactions of the application while an operation is done, at least.
const TRANSACTIONS_MIN: u64 = 1_000;
/// The long transaction that others stand behind.
const LONG: Duration = Duration::from_secs(3);
const LONG_IN_SHORT: Duration = Duration::from_millis(1_500);
/// How much the machine may add to a wait for locks.
const NOISE: Duration = Duration::from_millis(50);
/// The stall that nobody need mind.
const GOAL: Duration = Duration::from_millis(100);
/// How long an operation may take beside endless readers.
const DONE_WITHIN: Duration = Duration::from_secs(300);

/// One line of the table.
struct Measured {
    operation: Operation,
    behind: Behind,
    took: Took,
    met: Met,
}

impl Measured {
    fn slowest(&self) -> Duration {
        self.met.slowest_read.max(self.met.slowest_write)
    }

    fn line(&self) -> String {
        let behind = match self.behind {
            Behind::Nobody => "nobody".to_owned(),
            Behind::Transaction(time) => format!("a transaction of {} s", time.as_secs_f64()),
            Behind::EndlessReaders => "endless readers".to_owned(),
        };
        format!(
            "| {} | {behind} | {:.2} s | {} | {} ms | {} ms | {} ms | {} | {} |",
            self.operation.name(),
            self.took.time.as_secs_f64(),
            self.took.tries,
            self.took.budget_ms,
            self.met.slowest_read.as_millis(),
            self.met.slowest_write.as_millis(),
            self.met.transactions,
            self.met.failed.len(),
        )
    }
}

/// The months that are worked on, and the current one, all with kills.
async fn stocked(months: &[Month]) -> TestStore {
    let test = TestStore::new().await;
    let mut kills: Vec<_> = (1..=10).map(|id| kill(id, "2026-11-22T11:00:00Z")).collect();
    for (number, month) in (1..).zip(months) {
        kills.extend((0..10).map(|id| kill(1_000 * number + id, &month.0.from.to_string())));
    }
    store(&test, &kills).await;
    ensure_months(&test, "2026-11-22T00:00:00Z", 1).await;
    test
}

/// Does each of these behind each of those, in a store of its own, and prints the table.
async fn measure(pairs: &[(Operation, Behind)]) -> Vec<Measured> {
    println!(
        "| operation | behind | took | tries | longest budget | slowest read | slowest write | transactions | failed |"
    );
    println!("|---|---|---|---|---|---|---|---|---|");
    let mut all = Vec::new();
    for &(operation, behind) in pairs {
        let month = Month::number(120);
        let test = stocked(&[month]).await;
        operations::prepare(&test, operation, month).await;
        let application = Application::start(&test).await;
        let standing = behind.stand(&test).await;
        application.forget();
        let took = operations::run(&test, operation, month).await;
        let met = application.met(TRANSACTIONS_MIN).await;
        standing.end().await;
        application.stop().await;
        let measured = Measured { operation, behind, took, met };
        println!("{}", measured.line());
        all.push(measured);
    }
    all
}

fn check(all: &[Measured], noise: Duration) {
    for measured in all {
        let line = measured.line();
        assert_eq!(measured.met.failed, Vec::<String>::new(), "{line}");
        if !measured.operation.is_ours() {
            if let Behind::Transaction(time) = measured.behind {
                assert!(measured.slowest() > time / 2, "the harness does not see a stall: {line}");
            }
            continue;
        }
        let budget = Duration::from_millis(measured.took.budget_ms);
        // Beside eight readers the machine itself is slow.
        let goal = if measured.behind == Behind::EndlessReaders { GOAL * 2 } else { GOAL };
        assert!(measured.slowest() <= (budget + noise).max(goal), "{line}");
        match measured.behind {
            Behind::Nobody => {}
            Behind::Transaction(_) => assert!(budget <= Duration::from_millis(100), "{line}"),
            Behind::EndlessReaders => assert!(measured.took.time <= DONE_WITHIN, "{line}"),
        }
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn failure_04_behind_a_long_transaction_ours_stalls_nobody_and_plain_statements_everybody() {
    let behind = Behind::Transaction(LONG_IN_SHORT);
    let pairs =
        [Operation::PlainDetach, Operation::PartitionOf, Operation::Create, Operation::Detach]
            .map(|operation| (operation, behind));
    // Other tests run beside: a fifth of what stands in the way is far from all of it.
    check(&measure(&pairs).await, LONG_IN_SHORT / 5);
}

/// How often each operation is done under fire in the gate, and at night: ten minutes.
const ROUNDS: usize = 2;
const ROUNDS_AT_NIGHT: usize = 120;

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn failure_05_no_statement_of_the_application_fails_or_is_a_deadlocks_victim() {
    hammer(ROUNDS).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
#[ignore = "takes ten minutes; .ci/nightly runs it"]
async fn under_fire_for_ten_minutes_no_statement_of_the_application_fails() {
    hammer(ROUNDS_AT_NIGHT).await;
}

/// Closes, opens, detaches, restores and drops beside all loops of the application, in any order that chance gives.
async fn hammer(rounds: usize) {
    let operations = [
        Operation::Close,
        Operation::Reopen,
        Operation::Detach,
        Operation::Restore,
        Operation::Drop,
    ];
    let months: Vec<Month> =
        (0..rounds * operations.len()).map(|n| Month::number(60 + n)).collect();
    let test = stocked(&months).await;
    for (number, &month) in months.iter().enumerate() {
        operations::prepare(&test, operations[number % operations.len()], month).await;
    }
    let application = Application::start(&test).await;
    application.forget();
    operations::run(&test, Operation::Create, months[0]).await;
    for (number, &month) in months.iter().enumerate() {
        operations::run(&test, operations[number % operations.len()], month).await;
    }
    let met = application.met(TRANSACTIONS_MIN).await;
    application.stop().await;
    println!("{} operations beside {} transactions: {met:?}", months.len() + 1, met.transactions);
    assert_eq!(met.failed, Vec::<String>::new());
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
#[ignore = "takes some minutes and a quiet machine; .ci/nightly runs it"]
async fn the_whole_table() {
    let mut pairs = Vec::new();
    for operation in Operation::NAIVE.into_iter().chain(Operation::OURS) {
        pairs.extend([Behind::Nobody, Behind::Transaction(LONG)].map(|behind| (operation, behind)));
        if operation.is_ours() {
            pairs.push((operation, Behind::EndlessReaders));
        }
    }
    check(&measure(&pairs).await, NOISE);
}
