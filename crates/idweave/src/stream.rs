//! Lists as streams of pages and of items, over one service or several.
//!
//! Pages are prefetched while the caller works on earlier ones. No task is spawned: dropping the stream cancels
//! everything in flight.

use std::{
    collections::VecDeque,
    fmt,
    pin::Pin,
    sync::Arc,
    task::{Context, Poll, ready},
};

use futures::{Stream, future::BoxFuture};

use crate::{Cursor, Error, ErrorKind, Page, Result};

/// Fetches the page after a cursor, or the first page.
pub(crate) type Fetch<T> =
    Arc<dyn Fn(Option<Cursor>) -> BoxFuture<'static, Result<Page<T>>> + Send + Sync>;

/// How many pages are prefetched unless the caller sets another number.
pub(crate) const DEFAULT_PREFETCH: usize = 1;

/// Fetches the pages of one service in order.
pub(crate) struct Pager<T> {
    fetch: Fetch<T>,
    /// The cursor of the next page; `None` at the end.
    next: Option<Option<Cursor>>,
    last_cursor: Option<Cursor>,
    in_flight: Option<BoxFuture<'static, Result<Page<T>>>>,
    ready: VecDeque<Result<Page<T>>>,
    prefetch: usize,
}

impl<T> Pager<T> {
    pub(crate) fn new(fetch: Fetch<T>, start: Option<Cursor>, prefetch: usize) -> Self {
        let (last_cursor, in_flight, ready) = (None, None, VecDeque::new());
        Self {
            fetch,
            next: Some(start),
            last_cursor,
            in_flight,
            ready,
            prefetch,
        }
    }

    /// Fetches until so many pages are ready.
    fn advance(&mut self, cx: &mut Context<'_>, pages: usize) {
        while self.ready.len() < pages {
            if self.in_flight.is_none() {
                let Some(cursor) = self.next.take() else {
                    return;
                };
                self.last_cursor.clone_from(&cursor);
                self.in_flight = Some((self.fetch)(cursor));
            }
            let Some(future) = &mut self.in_flight else {
                return;
            };
            let Poll::Ready(result) = future.as_mut().poll(cx) else {
                return;
            };
            self.in_flight = None;
            let page = result.and_then(|page| self.accept_page(page));
            self.ready.push_back(page);
        }
    }

    /// Takes the next cursor from a page. A service that repeats a cursor would never end the list.
    fn accept_page(&mut self, page: Page<T>) -> Result<Page<T>> {
        if page.next.is_some() && page.next == self.last_cursor {
            let text = "the service returned the same cursor twice, so the list would never end";
            return Err(Error::new(ErrorKind::UnexpectedResponse, text).with_service(&page.service));
        }
        self.next = page.next.clone().map(Some);
        Ok(page)
    }

    fn poll_page(&mut self, cx: &mut Context<'_>) -> Poll<Option<Result<Page<T>>>> {
        self.advance(cx, self.prefetch.saturating_add(1));
        match self.ready.pop_front() {
            Some(page) => Poll::Ready(Some(page)),
            None if self.in_flight.is_some() => Poll::Pending,
            None => Poll::Ready(None),
        }
    }
}

/// A [`Stream`] of the [`Page`]s of a list.
///
/// Over several services the pages come service by service in the hub's order; all services are called at the same
/// time. A service that fails yields one error, which names it, and the next service follows.
#[must_use = "a stream does nothing until it is polled"]
pub struct Pages<T> {
    pagers: VecDeque<Pager<T>>,
}

impl<T> Pages<T> {
    pub(crate) fn new(pagers: impl IntoIterator<Item = Pager<T>>) -> Self {
        Self {
            pagers: pagers.into_iter().collect(),
        }
    }

    /// Continues to prefetch while the caller works on an item.
    fn advance(&mut self, cx: &mut Context<'_>) {
        for pager in &mut self.pagers {
            pager.advance(cx, pager.prefetch);
        }
    }
}

impl<T> Unpin for Pages<T> {}

impl<T> Stream for Pages<T> {
    type Item = Result<Page<T>>;

    fn poll_next(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Option<Self::Item>> {
        // All services start now, not when their turn comes.
        for pager in self.pagers.iter_mut().skip(1) {
            pager.advance(cx, pager.prefetch.max(1));
        }
        while let Some(pager) = self.pagers.front_mut() {
            match ready!(pager.poll_page(cx)) {
                Some(page) => return Poll::Ready(Some(page)),
                None => self.pagers.pop_front(),
            };
        }
        Poll::Ready(None)
    }
}

impl<T> fmt::Debug for Pages<T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Pages")
            .field("services", &self.pagers.len())
            .finish_non_exhaustive()
    }
}

/// A [`Stream`] of the items of a list.
///
/// The records of a page that could not be read follow its items as one error each, and then the next page. After an
/// error, take further items to get the rest of the list.
#[must_use = "a stream does nothing until it is polled"]
pub struct Items<T> {
    pages: Pages<T>,
    page: VecDeque<T>,
    problems: VecDeque<Error>,
}

impl<T> Items<T> {
    pub(crate) fn new(pages: Pages<T>) -> Self {
        Self {
            pages,
            page: VecDeque::new(),
            problems: VecDeque::new(),
        }
    }
}

impl<T> Unpin for Items<T> {}

impl<T> Stream for Items<T> {
    type Item = Result<T>;

    fn poll_next(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Option<Self::Item>> {
        loop {
            if let Some(item) = self.page.pop_front() {
                self.pages.advance(cx);
                return Poll::Ready(Some(Ok(item)));
            }
            if let Some(problem) = self.problems.pop_front() {
                return Poll::Ready(Some(Err(problem)));
            }
            match ready!(Pin::new(&mut self.pages).poll_next(cx)) {
                Some(Ok(page)) => {
                    self.page = page.items.into();
                    self.problems = page.problems.into();
                }
                Some(Err(error)) => return Poll::Ready(Some(Err(error))),
                None => return Poll::Ready(None),
            }
        }
    }
}

impl<T> fmt::Debug for Items<T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Items")
            .field("waiting", &self.page.len())
            .finish_non_exhaustive()
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use std::sync::atomic::{AtomicUsize, Ordering};

    use futures::{StreamExt, TryStreamExt};

    use super::*;

    /// Fetches pages of two numbers each, and counts the calls.
    fn pages_of(total: usize, calls: &Arc<AtomicUsize>) -> Fetch<usize> {
        let calls = calls.clone();
        Arc::new(move |cursor| {
            calls.fetch_add(1, Ordering::SeqCst);
            let from: usize = cursor.map_or(0, |c| c.as_str().parse().unwrap());
            let to = (from + 2).min(total);
            let next = (to < total).then(|| Cursor::new(to.to_string()));
            Box::pin(async move { Ok(Page::new((from..to).collect(), next)) })
        })
    }

    #[tokio::test]
    async fn items_come_in_order_over_all_pages() {
        let calls = Arc::new(AtomicUsize::new(0));
        let pager = Pager::new(pages_of(5, &calls), None, DEFAULT_PREFETCH);
        let items: Vec<_> = Items::new(Pages::new([pager])).try_collect().await.unwrap();
        assert_eq!(items, [0, 1, 2, 3, 4]);
        assert_eq!(calls.load(Ordering::SeqCst), 3);
    }

    #[tokio::test]
    async fn prefetch_is_one_page_or_as_many_as_set() {
        for (prefetch, expected) in [(0, 1), (1, 2), (2, 3)] {
            let calls = Arc::new(AtomicUsize::new(0));
            let pager = Pager::new(pages_of(20, &calls), None, prefetch);
            let mut items = Items::new(Pages::new([pager]));
            assert_eq!(items.next().await.unwrap().unwrap(), 0);
            assert_eq!(calls.load(Ordering::SeqCst), expected, "{prefetch} ahead");
        }
    }

    #[tokio::test]
    async fn pages_continue_after_one_service_fails() {
        let calls = Arc::new(AtomicUsize::new(0));
        let broken: Fetch<usize> =
            Arc::new(|_| Box::pin(async { Err(Error::from(ErrorKind::Unavailable)) }));
        let pagers =
            [broken, pages_of(2, &calls)].map(|fetch| Pager::new(fetch, None, DEFAULT_PREFETCH));
        let all: Vec<_> = Items::new(Pages::new(pagers)).collect().await;
        assert!(all[0].is_err());
        assert_eq!(
            all[1..]
                .iter()
                .map(|i| *i.as_ref().unwrap())
                .collect::<Vec<_>>(),
            [0, 1]
        );
    }

    #[tokio::test]
    async fn items_report_unreadable_records_after_those_of_their_page() {
        let fetch: Fetch<usize> = Arc::new(|cursor| {
            let page = match cursor {
                None => Page::new(vec![1, 2], Some(Cursor::new("2")))
                    .problems(vec![ErrorKind::UnexpectedResponse.into(); 2]),
                Some(_) => Page::new(vec![3], None),
            };
            Box::pin(async move { Ok(page) })
        });
        let items = Items::new(Pages::new([Pager::new(fetch, None, 0)]));
        let seen: Vec<Option<usize>> = items.map(Result::ok).collect().await;
        assert_eq!(seen, [Some(1), Some(2), None, None, Some(3)]);
    }

    #[tokio::test]
    async fn pages_end_with_an_error_when_a_cursor_repeats() {
        let circle: Fetch<usize> =
            Arc::new(|_| Box::pin(async { Ok(Page::new(vec![1], Some(Cursor::new("again")))) }));
        let all: Vec<_> = Items::new(Pages::new([Pager::new(circle, None, 0)]))
            .collect()
            .await;
        let error = all.last().unwrap().as_ref().unwrap_err();
        assert_eq!(
            (all.len(), error.kind()),
            (2, ErrorKind::UnexpectedResponse)
        );
    }
}
