//! The pages.
use axum::response::IntoResponse;
pub(crate) async fn latest() -> &'static str {
    ""
}
pub(crate) async fn kill() -> &'static str {
    ""
}
pub(crate) async fn asset() -> &'static str {
    ""
}
pub(crate) fn not_found() -> impl IntoResponse {
    ""
}
