// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * The HTTP of libevent, within bounds.
 *
 * evhttp bounds what a request may look like and how long it may be silent. Not
 * how many connections there are, nor how long one lasts that says an octet now
 * and then. So each connection's bufferevent is made and held here; evhttp has let
 * go of it when its callbacks are gone. Every TICK_MS those that are over are let
 * go, and those that are too old are cut off.
 *
 * What all visitors can cost SIP: ACCEPTS new ones a tick, each with one request of
 * REQUEST_OCTETS and one answer; the text is made at most once a second.
 */
#include "metrics_http.h"

#include <errno.h>
#include <event2/buffer.h>
#include <event2/bufferevent.h>
#include <event2/http.h>
#include <event2/listener.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "clock.h"
#include "hash.h"
#include "log.h"
#include "loop.h"
#include "metrics.h"

#define VISITORS 16
#define TICK_MS 100
#define ACCEPTS 8
#define BACKLOG 16
#define REQUEST_OCTETS 4096
/* Real time, whatever the clock's scale. */
#define PATIENCE_S 5
#define FRESH_US 1000000

struct visitor {
	struct bufferevent *bev;	/* held */
	uint64_t since;
	bool cut;
	struct visitor *prev, *next;	/* the oldest first */
};

/* The last text of each format. */
struct page {
	struct octets text;
	uint64_t made;
};

struct metrics_http_stats metrics_http_stats;

static struct evhttp *http;
static struct evconnlistener *listener;
static struct event *tick;
static struct visitor *visitors;
static struct page pages[EXPOSITION_FORMATS];
static unsigned int accepted;		/* in this tick */

/* --- visitors --- */

static void forget(struct visitor *v)
{
	DL_DELETE(visitors, v);
	metrics_http_stats.visitors--;
	bufferevent_decref(v->bev);
	free(v);
}

/* evhttp takes them away when it frees the connection, and not before. */
static bool is_over(const struct visitor *v)
{
	bufferevent_data_cb readcb, writecb;
	bufferevent_event_cb eventcb;

	bufferevent_getcb(v->bev, &readcb, &writecb, &eventcb, NULL);
	return !readcb && !writecb && !eventcb;
}

/* evhttp finds the connection at its end, and frees it. */
static void cut(struct visitor *v, unsigned long *why)
{
	if (v->cut)
		return;
	v->cut = true;
	(*why)++;
	shutdown(bufferevent_getfd(v->bev), SHUT_RDWR);
}

static void look_after(struct visitor *v)
{
	if (is_over(v))
		forget(v);
	else if (clock_real_us() - v->since >= PATIENCE_S * UINT64_C(1000000))
		cut(v, &metrics_http_stats.too_long);
}

static void arm_tick(void)
{
	static const struct timeval tv = { .tv_usec = TICK_MS * 1000L };

	if (!evtimer_pending(tick, NULL))
		evtimer_add(tick, &tv);
}

static void on_tick(evutil_socket_t fd, short what, void *arg)
{
	struct visitor *v, *next;

	(void)fd;
	(void)what;
	(void)arg;
	DL_FOREACH_SAFE(visitors, v, next)
		look_after(v);
	accepted = 0;
	evconnlistener_enable(listener);
	if (visitors)
		arm_tick();
}

static void make_room(void)
{
	struct visitor *v, *next, *oldest = NULL;
	unsigned int n = 0;

	DL_FOREACH_SAFE(visitors, v, next) {
		if (is_over(v)) {
			forget(v);
		} else if (!v->cut) {
			oldest = oldest ? oldest : v;
			n++;
		}
	}
	if (n >= VISITORS)
		cut(oldest, &metrics_http_stats.displaced);
}

/* For each connection that evhttp accepts. NULL: it makes one, nobody looks after that. */
static struct bufferevent *on_visitor(struct event_base *base, void *arg)
{
	struct visitor *v = calloc(1, sizeof(*v));

	(void)arg;
	if (!v)
		return NULL;
	v->bev = bufferevent_socket_new(base, -1, BEV_OPT_CLOSE_ON_FREE);
	if (!v->bev) {
		free(v);
		return NULL;
	}
	make_room();
	bufferevent_incref(v->bev);
	v->since = clock_real_us();
	DL_APPEND(visitors, v);
	metrics_http_stats.visitors++;
	if (++accepted >= ACCEPTS)
		evconnlistener_disable(listener);
	arm_tick();
	return v->bev;
}

/* --- requests --- */

static bool refresh(struct page *page, enum exposition_format format)
{
	struct octets text = { 0 };

	if (page->text.p && clock_real_us() - page->made < FRESH_US)
		return true;
	metrics_http_stats.made++;
	metrics_write(&text, format);
	if (text.failed) {
		octets_free(&text);
		return false;
	}
	octets_free(&page->text);
	page->text = text;
	page->made = clock_real_us();
	return true;
}

static void header(struct evhttp_request *req, const char *name, const char *value)
{
	evhttp_add_header(evhttp_request_get_output_headers(req), name, value);
}

static void answer(struct evhttp_request *req, int code, const char *reason, const char *type,
		   struct str text)
{
	struct evbuffer *body = evbuffer_new();

	header(req, "Content-Type", type);
	/* One request each: what is asked more often is bounded where it is accepted. */
	header(req, "Connection", "close");
	if (body)
		evbuffer_add(body, text.p, text.n);
	evhttp_send_reply(req, body ? code : 500, reason, body);
	if (body)
		evbuffer_free(body);
}

static void refuse(struct evhttp_request *req, int code, const char *reason, const char *text)
{
	answer(req, code, reason, "text/plain; charset=utf-8", str_of(text));
}

static void on_request(struct evhttp_request *req, void *arg)
{
	const char *path = evhttp_uri_get_path(evhttp_request_get_evhttp_uri(req));
	const char *accept = evhttp_find_header(evhttp_request_get_input_headers(req), "Accept");
	enum exposition_format format = exposition_accepted(accept);

	(void)arg;
	if (!path || strcmp(path, "/metrics") != 0) {
		metrics_http_stats.no_such++;
		refuse(req, HTTP_NOTFOUND, "Not Found", "There is /metrics.\n");
	} else if (evhttp_request_get_command(req) != EVHTTP_REQ_GET) {
		metrics_http_stats.no_get++;
		header(req, "Allow", "GET");
		refuse(req, HTTP_BADMETHOD, "Method Not Allowed", "There is GET.\n");
	} else if (!refresh(&pages[format], format)) {
		refuse(req, HTTP_INTERNAL, "Internal Server Error", "Out of memory.\n");
	} else {
		metrics_http_stats.served++;
		answer(req, HTTP_OK, "OK", exposition_content_type(format),
		       octets_str(&pages[format].text));
	}
}

/* --- */

static int listen_at(const struct addr *where)
{
	struct sockaddr_storage ss;
	socklen_t n = addr_to_sockaddr(where, &ss);
	static const int yes = 1;
	int fd = socket(where->family, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);

	if (fd < 0)
		return -1;
	setsockopt(fd, SOL_SOCKET, SO_REUSEADDR, &yes, sizeof(yes));
	if (!bind(fd, (struct sockaddr *)&ss, n) && !listen(fd, BACKLOG))
		return fd;
	close(fd);
	return -1;
}

static int fail(char *err, const struct addr *where)
{
	snprintf(err, CONFIG_ERROR, "cannot serve metrics at %s: %s", addr_text(where),
		 strerror(errno));
	return -1;
}

int metrics_http_open(const struct config *cfg, char *err)
{
	int fd;

	if (!cfg->metrics.family)
		return 0;
	metrics_init(cfg);
	fd = listen_at(&cfg->metrics);
	if (fd < 0)
		return fail(err, &cfg->metrics);
	errno = ENOMEM;
	http = evhttp_new(loop_base());
	tick = evtimer_new(loop_base(), on_tick, NULL);
	listener = evconnlistener_new(loop_base(), NULL, NULL,
				      LEV_OPT_CLOSE_ON_FREE | LEV_OPT_CLOSE_ON_EXEC, 0, fd);
	if (!listener)
		close(fd);
	if (!http || !tick || !listener || !loop_watch_lag())
		return fail(err, &cfg->metrics);
	evhttp_set_bevcb(http, on_visitor, NULL);
	evhttp_set_gencb(http, on_request, NULL);
	evhttp_set_default_content_type(http, NULL);
	evhttp_set_max_headers_size(http, REQUEST_OCTETS);
	evhttp_set_max_body_size(http, 0);
	evhttp_set_timeout(http, PATIENCE_S);
	/* All that have a name; who asks for another than GET is told so. */
	evhttp_set_allowed_methods(http, EVHTTP_REQ_GET | EVHTTP_REQ_POST | EVHTTP_REQ_HEAD |
				   EVHTTP_REQ_PUT | EVHTTP_REQ_DELETE | EVHTTP_REQ_OPTIONS);
	if (!evhttp_bind_listener(http, listener))
		return fail(err, &cfg->metrics);
	log_info("metrics at http://%s/metrics", addr_text(&cfg->metrics));
	return 0;
}

void metrics_http_close(void)
{
	struct visitor *v, *next;

	/* Its connections, and its listener. */
	if (http)
		evhttp_free(http);
	else if (listener)
		evconnlistener_free(listener);
	DL_FOREACH_SAFE(visitors, v, next)
		forget(v);
	if (tick)
		event_free(tick);
	for (unsigned int i = 0; i < EXPOSITION_FORMATS; i++) {
		octets_free(&pages[i].text);
		pages[i] = (struct page){ 0 };
	}
	http = NULL;
	listener = NULL;
	tick = NULL;
	accepted = 0;
}
