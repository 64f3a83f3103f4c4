//! The answer to a question about kills, in the shape that was asked for: one JSON page, or lines streamed in chunks.

use std::borrow::Cow;

use axum::Json;
use axum::body::{Body, Bytes};
use axum::http::{HeaderName, HeaderValue, header};
use axum::response::{IntoResponse, Response};
use futures_util::{StreamExt, stream};
use noctis_core::kill::Key;
use noctis_core::question::{Cursor, Fields, Format, Question};
use serde::Serialize;
use utoipa::openapi::schema::{AnyOfBuilder, Schema};
use utoipa::openapi::{Ref, RefOr};
use utoipa::{PartialSchema, ToSchema};

use super::error::Problem;
use crate::answer::{self, CHUNK_KILLS_MAX, IdPage, KillPage, Shape};
use crate::app::App;
use crate::{clock, kills};

/// The cursor of the next page, in every format; left out at the end.
pub(super) const NEXT_CURSOR: HeaderName = HeaderName::from_static("x-next-cursor");

/// The archived months that were looked at, in every format; left out where there were none.
pub(super) const COLD_MONTHS: HeaderName = HeaderName::from_static("x-cold-months");

/// A longer address of the next page is not told as a `Link`: servers between may refuse such a header.
const LINK_BYTES_MAX: usize = 4_096;

/// A page as JSON: with `fields=ids` the short one.
#[derive(Serialize)]
#[serde(untagged)]
pub(super) enum Page {
    Kills(KillPage),
    Ids(IdPage),
}

/// Answers one page of `question`; `pairs` are its keys and values where it came as an address.
///
/// # Errors
/// When the database does not answer. After the first chunk has gone out, an error ends the connection instead.
pub(super) async fn respond(
    app: &App,
    question: &Question,
    pairs: Option<&[(String, String)]>,
) -> Result<Response, Problem> {
    let now = clock::now();
    let catalogue = app.catalogue();
    let shape = Shape::of(question);
    let content_type = match (shape.format, shape.fields) {
        (Format::Json, Fields::All) => {
            let page = answer::page(&app.kills, &catalogue, question, now).await?;
            let told = (page.next.clone(), page.cold_months.clone());
            return Ok(with_headers(Json(Page::Kills(page)), &told, pairs));
        }
        (Format::Json, Fields::Ids) => {
            let page = answer::id_page(&app.kills, &catalogue, question, now).await?;
            let told = (page.next.clone(), page.cold_months.clone());
            return Ok(with_headers(Json(Page::Ids(page)), &told, pairs));
        }
        (Format::Ndjson, _) => "application/x-ndjson",
        (Format::Csv, _) => "text/csv; charset=utf-8; header=present",
    };
    let kills::Page { keys, next, cold_months } = app.kills.page(&catalogue, question, now).await?;
    let split = keys.len().min(CHUNK_KILLS_MAX);
    // The first chunk is read before anything goes out, so that what is wrong can still be said.
    let mut first = answer::heading(shape).into_bytes();
    first.extend(answer::lines(&app.kills, &catalogue, shape, &keys[..split]).await?);
    let body = body(app.clone(), shape, first, &keys[split..]);
    let typed = [(header::CONTENT_TYPE, HeaderValue::from_static(content_type))];
    let told = (next.as_ref().map(Cursor::encode), cold_months);
    Ok(with_headers((typed, body), &told, pairs))
}

/// What has been read, then the rest, chunk by chunk as the reader takes it. No connection to the database is held
/// while the reader is slow.
fn body(app: App, shape: Shape, first: Vec<u8>, rest: &[Key]) -> Body {
    let chunks: Vec<Vec<Key>> = rest.chunks(CHUNK_KILLS_MAX).map(<[Key]>::to_vec).collect();
    if chunks.is_empty() {
        return Body::from(first);
    }
    let rest = stream::iter(chunks).then(move |keys| {
        let app = app.clone();
        async move {
            let lines = answer::lines(&app.kills, &app.catalogue(), shape, &keys).await;
            lines.map(Bytes::from).inspect_err(|error| {
                tracing::warn!(%error, "an answer under way is cut off");
            })
        }
    });
    Body::from_stream(stream::iter([Ok(Bytes::from(first))]).chain(rest))
}

/// Tells in the headers where the next page is, and which archived months were looked at.
fn with_headers(
    response: impl IntoResponse,
    (next, cold_months): &(Option<String>, Vec<String>),
    pairs: Option<&[(String, String)]>,
) -> Response {
    let mut response = response.into_response();
    let headers = response.headers_mut();
    if !cold_months.is_empty() {
        let value = HeaderValue::from_str(&cold_months.join(", "));
        headers.insert(COLD_MONTHS, value.expect("months are digits and dashes"));
    }
    let Some(cursor) = next else { return response };
    let value = HeaderValue::from_str(cursor).expect("a cursor is digits, letters and dots");
    headers.insert(NEXT_CURSOR, value);
    let Some(pairs) = pairs else { return response };
    let kept = pairs.iter().filter(|(key, _)| key != "cursor");
    let mut query = form_urlencoded::Serializer::new(String::new());
    query.extend_pairs(kept.map(|(key, value)| (Cow::from(key), Cow::from(value))));
    query.append_pair("cursor", cursor);
    let link = format!("</api/v1/killmails?{}>; rel=\"next\"", query.finish());
    if link.len() <= LINK_BYTES_MAX {
        let link = HeaderValue::from_str(&link).expect("what is escaped is ASCII");
        headers.insert(header::LINK, link);
    }
    response
}

/// Any of the two and not one of them: an empty page is both.
impl PartialSchema for Page {
    fn schema() -> RefOr<Schema> {
        AnyOfBuilder::new()
            .item(Ref::from_schema_name(KillPage::name()))
            .item(Ref::from_schema_name(IdPage::name()))
            .into()
    }
}

impl ToSchema for Page {
    fn schemas(schemas: &mut Vec<(String, RefOr<Schema>)>) {
        schemas.push((KillPage::name().into_owned(), KillPage::schema()));
        KillPage::schemas(schemas);
        schemas.push((IdPage::name().into_owned(), IdPage::schema()));
        IdPage::schemas(schemas);
    }
}
