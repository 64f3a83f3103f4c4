//! Asking the product over its router, page by page.

use axum::body::Body;
use axum::http::{Request, StatusCode};

use super::question::{Order, Question};
use super::world::World;

/// Pages of one question at most.
const PAGES_MAX: usize = 5_000;

/// The ids on one page, and the cursor of the next; what was said when there is none.
pub(crate) async fn page(
    world: &World,
    question: &Question,
    cursor: Option<&str>,
) -> Result<(Vec<i64>, Option<String>), String> {
    let request = if question.posted {
        Request::post("/api/v1/killmails/search")
            .header("content-type", "application/json")
            .body(Body::from(question.json(cursor)))
    } else {
        Request::get(format!("/api/v1/killmails?{}", question.query(cursor))).body(Body::empty())
    };
    let answer = world.stocked.ask(request.unwrap()).await;
    if answer.status != StatusCode::OK {
        return Err(format!("{} {}", answer.status, answer.text));
    }
    let json = answer.json();
    let kills = json["killmails"].as_array().unwrap();
    let ids = kills.iter().map(|kill| kill["killmail_id"].as_i64().unwrap()).collect();
    Ok((ids, json["next"].as_str().map(str::to_owned)))
}

/// All ids of an answer, in the order in which they came.
pub(crate) async fn all_pages(world: &World, question: &Question) -> Result<Vec<i64>, String> {
    let mut found = Vec::new();
    let mut next: Option<String> = None;
    for _ in 0..PAGES_MAX {
        let (ids, following) = page(world, question, next.as_deref()).await?;
        // A poller's pages never end: the first empty one says that nothing is left.
        let is_last = match question.order {
            Order::Arrival => ids.is_empty(),
            Order::Time | Order::Value => following.is_none(),
        };
        if ids.len() > question.limit {
            return Err(format!("a page of {} kills", ids.len()));
        }
        found.extend(ids);
        next = following;
        if is_last {
            return Ok(found);
        }
    }
    Err("it has no end".to_owned())
}
