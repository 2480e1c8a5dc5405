// SPDX-License-Identifier: GPL-2.0-or-later
//
// gmctl wireshark - the keys of SA sets as lines of Wireshark's table esp_sa, for a
// capture that was made elsewhere.
//
// Keys go from the kernel into one static block and from there into the file,
// without stdio, whose buffers cannot be wiped; no core is dumped meanwhile.
#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <unistd.h>

#include "ctl_agent.h"
#include "gate_names.h"

#define PARAMETER "/sys/module/gmgate/parameters/key_export"

static const char help[] =
"Usage: gmctl wireshark [-o FILE] [WHO] [impi IMPI] [impu URI] [address ADDR]\n"
"\n"
"Writes the keys of SA sets, those of WHO or of all, as lines of the table with\n"
"which Wireshark decrypts ESP (esp_sa). Who has this file reads all that these\n"
"SAs carried, and can forge it while they live.\n"
"\n"
"  WHO      an IMPI, an identity or an address\n"
"  -o FILE  a file that is not there yet, for its owner alone (standard output)\n"
"\n"
"Two switches let keys out, and both are off:\n"
"  echo 1 > " PARAMETER "\n"
"  key-export: true, at the address in gm of the agent's configuration, and\n"
"    gmctl reload; of an endpoint that has no agent:\n"
"    gmctl endpoint change ID key-export on\n"
"Sets that were installed before have no keys to show: let the phone register\n"
"anew. Each read-out is an event, keys-read.\n"
"\n"
"tshark -o esp.enable_encryption_decode:TRUE -o esp.enable_authentication_check:TRUE\n"
"takes the table as the file esp_sa of its profile.\n";

/* Everything that holds keys, so that one wipe gets it all. */
static struct {
	struct gate_keys keys;
	char text[2048];
	size_t n;
} secret;

struct table {
	const struct ctl *ctl;
	struct gate *gate;
	const char *file;		/* NULL: standard output */
	int fd;				/* -1: not open yet */
	unsigned long sets, without;	/* written; known, but without keys to show */
	uint32_t endpoint;		/* last one that was complained of */
};

/* ---- the lines ---- */

static void put(const char *text)
{
	size_t n = strlen(text);

	if (n < sizeof(secret.text) - secret.n) {
		memcpy(secret.text + secret.n, text, n);
		secret.n += n;
	}
}

static void put_hex(const uint8_t *key, size_t n)
{
	static const char digits[] = "0123456789abcdef";

	for (size_t i = 0; i < n; i++)
		put((char[]){ digits[key[i] >> 4], digits[key[i] & 15], 0 });
}

/* The AEADs have their salt behind the key (RFC 4106 8.1). */
static void put_key(const uint8_t *key, size_t n, const uint8_t *salt, size_t salt_n)
{
	put("\"");
	if (n)
		put("0x");
	put_hex(key, n);
	if (n)
		put_hex(salt, salt_n);
	put("\"");
}

/* As Wireshark 2.0 and later call them; NULL: not at all. */
static const char *cipher_name(uint32_t ealg)
{
	switch (ealg) {
	case GMGATE_EALG_NULL:		return "NULL";
	case GMGATE_EALG_AES_CBC:	return "AES-CBC [RFC3602]";
	case GMGATE_EALG_DES_EDE3_CBC:	return "TripleDES-CBC [RFC2451]";
	case GMGATE_EALG_AES_GCM:	return "AES-GCM with 16 octet ICV [RFC4106]";
	default:			return NULL;
	}
}

static const char *integrity_name(uint32_t alg)
{
	switch (alg) {
	case GMGATE_ALG_NULL:		return "NULL";
	case GMGATE_ALG_HMAC_MD5_96:	return "HMAC-MD5-96 [RFC2403]";
	case GMGATE_ALG_HMAC_SHA_1_96:	return "HMAC-SHA-1-96 [RFC2404]";
	default:			return NULL;
	}
}

static void put_sa(const struct gate_keys *k, bool up, uint32_t spi)
{
	char ue[CTL_TEXT], ours[CTL_TEXT], number[16];

	ctl_text_addr(&k->ue, ue);
	ctl_text_addr(&k->addr, ours);
	snprintf(number, sizeof(number), "0x%08x", spi);
	put(k->ue.family == AF_INET ? "\"IPv4\",\"" : "\"IPv6\",\"");
	put(up ? ue : ours);
	put("\",\"");
	put(up ? ours : ue);
	put("\",\"");
	put(number);
	put("\",\"");
	put(cipher_name(k->suite.ealg));
	put("\",");
	put_key(k->ck_esp, k->ck_len, k->salt, k->salt_len);
	put(",\"");
	put(integrity_name(k->suite.alg));
	put("\",");
	put_key(k->ik_esp, k->ik_len, NULL, 0);
	put("\n");
}

/* ---- the file ---- */

static int open_file(struct table *t)
{
	if (t->fd >= 0)
		return CTL_OK;
	if (!t->file) {
		t->fd = STDOUT_FILENO;
		return CTL_OK;
	}
	t->fd = open(t->file, O_WRONLY | O_CREAT | O_EXCL | O_NOFOLLOW | O_CLOEXEC, 0600);
	return t->fd < 0 ? ctl_error("cannot make %s: %s", t->file, strerror(errno)) : CTL_OK;
}

static int write_lines(struct table *t)
{
	const char *p = secret.text;
	size_t left = secret.n;
	ssize_t n;

	while (left) {
		n = write(t->fd, p, left);
		if (n < 0 && errno == EINTR)
			continue;
		if (n < 0)
			return ctl_error("cannot write: %s", strerror(errno));
		p += n;
		left -= n;
	}
	return CTL_OK;
}

/* ---- a set ---- */

/* Unknown, or without sysfs: not said to be off. */
static bool module_is_off(void)
{
	char state = 'Y';
	int fd = open(PARAMETER, O_RDONLY | O_CLOEXEC);

	if (fd < 0)
		return false;
	if (read(fd, &state, 1) != 1)
		state = 'Y';
	close(fd);
	return state == 'N';
}

/* Which of the switches is off, and how it is put on. */
static int say_switches(const struct table *t, uint32_t endpoint)
{
	struct gate_endpoint e = { 0 };
	bool off = !gate_endpoint_get(t->gate, endpoint, &e, NULL) &&
		   !(e.flags & GMGATE_ENDPOINT_FLAGS_KEY_EXPORT);

	if (module_is_off())
		ctl_error("the module lets no keys out: echo 1 > " PARAMETER);
	if (off)
		ctl_error("endpoint %u lets no keys out: key-export: true in gm of the agent's configuration and gmctl reload, or gmctl endpoint change %u key-export on",
			  endpoint, endpoint);
	return CTL_FAILED;
}

/* A set without keys is said, and does not keep others back. */
static void without_keys(struct table *t, const struct gate_set *s, const struct gate_error *err)
{
	t->without++;
	if (err->err == ENOKEY)
		ctl_error("set %u was installed while key export was off: let the phone register anew",
			  s->id);
	else if (err->err != EACCES)
		ctl_gate_error(err);
	else if (t->endpoint != s->endpoint)
		say_switches(t, s->endpoint);
	t->endpoint = s->endpoint;
}

static int export_set(const struct gate_set *s, void *arg)
{
	struct gate_error err = { 0 };
	struct table *t = arg;
	int status = CTL_OK;

	if (!cipher_name(s->suite.ealg) || !integrity_name(s->suite.alg)) {
		t->without++;
		ctl_error("set %u is left out: Wireshark has no name for %s", s->id,
			  gate_names_text(GATE_NAMES_ALG, s->suite.alg));
		return CTL_OK;
	}
	if (gate_key_get(t->gate, s->id, &secret.keys, &err)) {
		if (err.err == EPERM)
			return ctl_gate_error(&err);
		if (err.err != ENOENT)		/* it has gone since the list */
			without_keys(t, s, &err);
		return CTL_OK;
	}
	secret.n = 0;
	put_sa(&secret.keys, true, secret.keys.spi_ps);
	put_sa(&secret.keys, false, secret.keys.spi_uc);
	put_sa(&secret.keys, false, secret.keys.spi_us);
	put_sa(&secret.keys, true, secret.keys.spi_pc);
	status = open_file(t);
	if (!status)
		status = write_lines(t);
	explicit_bzero(&secret, sizeof(secret));
	t->sets += !status;
	return status;
}

/* ---- whose ---- */

static int all_sets(struct table *t, const struct gate_filter *filter)
{
	struct gate_error err = { 0 };
	int e = gate_set_list(t->gate, filter, export_set, t, &err);

	return e < 0 ? ctl_gate_error(&err) : e;
}

static int sets_of(const char *text, size_t n, const struct ctl_json *ue, void *arg)
{
	const struct ctl_json *j = ctl_json_at(ue, "sets");
	struct table *t = arg;
	struct gate_set set;
	uint32_t id;
	int status = CTL_OK;

	(void)text;
	(void)n;
	for (j = j ? j->child : NULL; j && !status; j = j->next)
		if (ctl_parse_id(ctl_json_text(j, "id"), &id) &&
		    !gate_set_get(t->gate, id, &set, NULL))
			status = export_set(&set, t);
	return status;
}

static int sets_of_ues(struct table *t, int argc, char **argv)
{
	struct octets request = { 0 };

	octets_puts(&request, "ue whole");
	if (ctl_ue_words(&request, argc, argv)) {
		octets_free(&request);
		return CTL_USAGE;
	}
	return ctl_agent_each(t->ctl, &request, sets_of, t);
}

/* An address the kernel knows as well, without an agent. */
static int export(struct table *t, int argc, char **argv)
{
	struct gate_filter filter = { 0 };

	if (!argc || (argc == 1 && ctl_parse_addr(argv[0], &filter.ue)))
		return all_sets(t, &filter);
	return sets_of_ues(t, argc, argv);
}

static int finish(struct table *t, int status)
{
	if (t->file && t->fd >= 0 && close(t->fd) && !status)
		status = ctl_error("cannot write %s: %s", t->file, strerror(errno));
	if (status && t->file && t->fd >= 0)
		unlink(t->file);
	if (status)
		return status;
	if (!t->sets)
		return t->without ? CTL_FAILED : ctl_error("no such set");
	if (t->ctl->json) {
		ctl_out_open(NULL, '{');
		ctl_out_text("file", t->file);
		ctl_out_number("sets", t->sets);
		ctl_out_number("without-keys", t->without);
		ctl_out_close('}');
	} else if (t->file) {
		printf("%lu sets in %s\n", t->sets, t->file);
	}
	return CTL_OK;
}

int ctl_wireshark(const struct ctl *ctl, int argc, char **argv)
{
	struct table t = { .ctl = ctl, .fd = -1 };
	int status;

	if (ctl_wants_help(argc, argv)) {
		fputs(help, stdout);
		return CTL_OK;
	}
	argc--;
	argv++;
	if (argc && !strcmp(argv[0], "-o")) {
		if (argc < 2 || !argv[1][0])
			return ctl_bad_usage("-o: say the file");
		t.file = argv[1];
		argc -= 2;
		argv += 2;
	}
	if (argc && argv[0][0] == '-')
		return ctl_bad_usage("no such option: %s", argv[0]);
	if (ctl->json && !t.file)
		return ctl_bad_usage("with -j say a file, -o: the table is no JSON");
	prctl(PR_SET_DUMPABLE, 0);
	mlock(&secret, sizeof(secret));
	t.gate = ctl_gate(ctl);
	if (!t.gate)
		return CTL_FAILED;
	status = export(&t, argc, argv);
	explicit_bzero(&secret, sizeof(secret));
	gate_close(t.gate);
	return finish(&t, status);
}
