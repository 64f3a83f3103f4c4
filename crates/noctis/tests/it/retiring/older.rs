//! An archive of an older version of the schema, in the whole program: taken over, asked, and brought back.

use futures_util::TryStreamExt;
use noctis_archive::{Archive, Owner, PartHead, Place};
use noctis_core::archive::{Manifest, PartName, columns};
use noctis_core::partition::Member;
use noctis_core::time::TimeRange;
use uuid::Uuid;

use super::commands::noctis;
use super::{Drill, LATER, at, kill};

/// The columns that the tables did not have in version 4.
const CAME_LATER: [&str; 4] = ["item_type_ids", "own_value", "unpriced_count", "price_date"];
/// All that is stored of the kills but what came later and is not computed anew.
const KEPT: &str = "SELECT string_agg(concat_ws('|', r::text, e.isk_value, e.module_tags, e.labels, e.enrichment_blob, p::text), ' ' \
                    ORDER BY p.killmail_id, p.ordinal) \
                    FROM killmails_raw r JOIN killmails_enriched e USING (killmail_id, \"timestamp\") \
                    JOIN killmail_participants p USING (killmail_id, \"timestamp\")";

/// The part that a noctis with version 4 of the schema would have written of May 2024.
async fn of_version_4(from: &Drill, archive: &Archive, store_id: Uuid) -> Manifest {
    let range = TimeRange { from: at("2024-05-01T00:00:00Z"), to: at("2024-06-01T00:00:00Z") };
    let head = PartHead {
        store_id,
        generation: 1,
        schema_version: 4,
        name: PartName { month: "2024-05".to_owned(), part: 0 },
        range,
        written_at: at(LATER),
        written_by: "an older noctis".to_owned(),
    };
    let client = from.owner().await;
    let mut part = archive.write(head).await.unwrap();
    for member in Member::ALL {
        let names = columns(member).iter().map(|column| column.name);
        let had: Vec<String> = names
            .filter(|name| !CAME_LATER.contains(name))
            .map(|name| format!("\"{name}\""))
            .collect();
        let (had, leaf) = (had.join(", "), format!("{}_2024_05", member.table()));
        let ordinal = if member == Member::Participants { ", ordinal" } else { "" };
        let copy = format!(
            "COPY (SELECT {had} FROM {leaf} ORDER BY \"timestamp\", killmail_id{ordinal}) TO STDOUT (FORMAT BINARY)"
        );
        let rows = client.copy_out(&copy).await.unwrap();
        let rows: Vec<_> = rows.try_collect().await.unwrap();
        let mut table = part.table(member);
        for bytes in rows {
            table.push(bytes).await.unwrap();
        }
        table.finish().await.unwrap();
    }
    part.finish().await.unwrap()
}

#[tokio::test]
async fn an_archive_of_an_older_schema_is_taken_over_answers_and_comes_back_in_todays_columns() {
    let source =
        Drill::with(&[kill(1, "2024-05-05T00:00:00Z"), kill(2, "2024-05-06T00:00:00Z")]).await;
    let mut drill = Drill::new().await;
    drill.archive = Archive::open(&Place::Folder(drill.folder.path().to_owned())).unwrap();
    let owner = Owner { store_id: Uuid::new_v4(), generation: 1, claim: Uuid::new_v4() };
    drill.archive.claim(None, &owner).await.unwrap();
    let manifest = of_version_4(&source, &drill.archive, owner.store_id).await;
    assert_eq!((manifest.schema_version, manifest.kills()), (4, 2));

    noctis(&drill.test, &drill, &["archive", "adopt", &owner.store_id.to_string()]).good();
    assert_eq!(drill.parts().await, "2024-05/0 cold");
    let asked = ["kills", "--since", "2024-05-01", "--until", "2024-06-01", "--json"];
    let cold = noctis(&drill.test, &drill, &asked).good().out;
    assert!(cold.contains("2024-05-06T00:00:00Z"), "{cold}");

    assert_eq!(drill.restore("2024-05").await[0].kills, 2);
    assert_eq!(drill.parts().await, "2024-05/0 restored");
    let newest = "DELETE FROM killmails_raw WHERE killmail_id = 999999";
    source.owner().await.batch_execute(newest).await.unwrap();
    assert_eq!(drill.text(KEPT).await, source.text(KEPT).await);
    let came_later = "SELECT count(*) FROM killmails_raw r JOIN killmails_enriched e USING (killmail_id, \"timestamp\") \
                      WHERE r.item_type_ids = '{34}' AND e.own_value IS NULL AND e.price_date IS NULL";
    assert_eq!(drill.number(came_later).await, 2);
}
