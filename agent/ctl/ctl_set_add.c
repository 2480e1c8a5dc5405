// SPDX-License-Identifier: GPL-2.0-or-later
//
// gmctl set add, set load - SA sets by hand.
//
// Keys are read from standard input without stdio, since its buffers cannot be
// wiped, live in one static block, and are wiped from it before the program
// ends; no core is dumped meanwhile.
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <unistd.h>

#include "ctl.h"
#include "keys.h"

/* Words of a line of set load. */
#define MAX_WORDS 64

/* Everything that holds keys, so that one wipe gets it all. */
static struct {
	char input[8192];
	size_t n;
	struct keys_aka aka;
	struct keys_esp esp;
	bool have_ck, have_ik, have_raw;
} secret;

#define AT(member) offsetof(struct gate_set_new, member)

/* "keys -" says that keys come on standard input, which they do anyway. */
static bool parse_keys(const char *text, void *out)
{
	(void)out;
	return !strcmp(text, "-");
}

static const struct ctl_field fields[] = {
	{ "endpoint", ctl_parse_id, AT(endpoint), "an id", CTL_NEEDED },
	{ "ue", ctl_parse_addr, AT(ue), "an IP address", CTL_NEEDED },
	{ "port-uc", ctl_parse_port, AT(port_uc), "a port", CTL_NEEDED },
	{ "port-us", ctl_parse_port, AT(port_us), "a port", CTL_NEEDED },
	{ "port-pc", ctl_parse_port, AT(port_pc), "a port", CTL_NEEDED },
	{ "spi-uc", ctl_parse_spi, AT(spi_uc), "an SPI from 256", CTL_NEEDED },
	{ "spi-us", ctl_parse_spi, AT(spi_us), "an SPI from 256", CTL_NEEDED },
	{ "spi-pc", ctl_parse_spi, AT(spi_pc), "an SPI from 256", CTL_NEEDED },
	{ "spi-ps", ctl_parse_spi, AT(spi_ps), "an SPI from 256", CTL_NEEDED },
	{ "alg", ctl_parse_alg, AT(suite.alg), "an integrity algorithm", CTL_NEEDED },
	{ "ealg", ctl_parse_ealg, AT(suite.ealg), "an encryption algorithm", CTL_NEEDED },
	{ "expires", ctl_parse_seconds, AT(expires_ms), "a number of seconds above 0",
	  CTL_NEEDED },
	{ "state", ctl_parse_state, AT(state), "a state", CTL_OPTIONAL },
	{ "cookie", ctl_parse_u64, AT(cookie), "a number", CTL_OPTIONAL },
	{ "seq-out", ctl_parse_u32, AT(seq_out), "a number of 32 bits", CTL_OPTIONAL },
	{ "keys", parse_keys, 0, "-, standard input", CTL_OPTIONAL },
	{ .name = NULL },
};

static const char *const key_words[] = { "ck", "ik", "ck-esp", "ik-esp", "salt", NULL };

static bool is_key_word(const char *word)
{
	const char *const *k;
	size_t n = strcspn(word, "=");

	for (k = key_words; *k; k++)
		if (strlen(*k) == n && !memcmp(*k, word, n))
			return true;
	return false;
}

static bool read_hex(const char *text, uint8_t *out, size_t room, size_t *len)
{
	*len = strlen(text) / 2;
	return *len && *len <= room && str_hex(str_of(text), out, *len);
}

/* The value is never printed, not even a wrong one. */
static int read_key(const char *word, const char *value)
{
	size_t n;
	bool ok;

	if (!value)
		return ctl_bad_usage("%s: the key is missing", word);
	if (!strcmp(word, "ck")) {
		ok = read_hex(value, secret.aka.ck, KEYS_AKA, &n) && n == KEYS_AKA;
		secret.have_ck = true;
	} else if (!strcmp(word, "ik")) {
		ok = read_hex(value, secret.aka.ik, KEYS_AKA, &n) && n == KEYS_AKA;
		secret.have_ik = true;
	} else {
		secret.have_raw = true;
		if (!strcmp(word, "ck-esp"))
			ok = read_hex(value, secret.esp.ck, GMGATE_MAX_KEY, &secret.esp.ck_len);
		else if (!strcmp(word, "ik-esp"))
			ok = read_hex(value, secret.esp.ik, GMGATE_MAX_KEY, &secret.esp.ik_len);
		else
			ok = read_hex(value, secret.esp.salt, KEYS_SALT, &secret.esp.salt_len);
	}
	return ok ? 0 : ctl_bad_usage("%s is not hexadecimal of the right length", word);
}

static void forget_keys(void)
{
	keys_aka_wipe(&secret.aka);
	keys_esp_wipe(&secret.esp);
	secret.have_ck = secret.have_ik = secret.have_raw = false;
}

/* Points @n to the keys that were read. */
static int take_keys(struct gate_set_new *n)
{
	if (secret.have_raw && (secret.have_ck || secret.have_ik))
		return ctl_bad_usage("either ck and ik, or ik-esp and ck-esp");
	if (!secret.have_raw) {
		if (!secret.have_ck || !secret.have_ik)
			return ctl_bad_usage("standard input has not both ck and ik");
		if (!keys_expand(n->suite, &secret.aka, &secret.esp))
			return ctl_bad_usage("these alg and ealg do not go together");
	}
	n->ik_esp = secret.esp.ik;
	n->ik_len = secret.esp.ik_len;
	n->ck_esp = secret.esp.ck;
	n->ck_len = secret.esp.ck_len;
	n->salt = secret.esp.salt;
	n->salt_len = secret.esp.salt_len;
	return 0;
}

static int add_one(const struct ctl *ctl, struct gate *g, const struct gate_set_new *n)
{
	struct gate_error err;
	uint32_t id;

	if (gate_set_add(g, n, &id, &err))
		return ctl_gate_error(&err);
	if (ctl->json) {
		ctl_out_open(NULL, '{');
		ctl_out_number("id", id);
		ctl_out_close('}');
	} else {
		printf("%u\n", id);
	}
	return CTL_OK;
}

/* The next line of standard input in secret.input; NULL at the end or with @bad set. */
static char *next_line(size_t *taken, int *bad)
{
	char *end;
	ssize_t n;

	memmove(secret.input, secret.input + *taken, secret.n - *taken);
	secret.n -= *taken;
	*taken = 0;
	while (!(end = memchr(secret.input, '\n', secret.n))) {
		if (secret.n == sizeof(secret.input) - 1) {
			*bad = ctl_bad_usage("a line is too long");
			return NULL;
		}
		n = read(STDIN_FILENO, secret.input + secret.n,
			 sizeof(secret.input) - 1 - secret.n);
		if (n < 0 && errno == EINTR)
			continue;
		if (n < 0)
			*bad = ctl_error("standard input: %s", strerror(errno));
		if (n < 0 || (!n && !secret.n))
			return NULL;
		if (!n) {	/* a last line without its end */
			end = secret.input + secret.n++;
			break;
		}
		secret.n += n;
	}
	*end = 0;
	*taken = end - secret.input + 1;
	return secret.input;
}

static int split(char *line, char **words)
{
	char *word, *next = line;
	int n = 0;

	while ((word = strsep(&next, " \t\r")))
		if (*word && n < MAX_WORDS)
			words[n++] = word;
	return n;
}

static void begin_secrets(void)
{
	prctl(PR_SET_DUMPABLE, 0);
	/* not to swap either, where the limit allows it */
	mlock(&secret, sizeof(secret));
}

static void end_secrets(void)
{
	explicit_bzero(&secret, sizeof(secret));
}

static int read_key_lines(void)
{
	char *words[MAX_WORDS], *line;
	size_t taken = 0;
	int n, status = 0;

	while (!status && (line = next_line(&taken, &status))) {
		n = split(line, words);
		if (n && !is_key_word(words[0]))
			status = ctl_bad_usage("standard input: not a line of ck, ik, ck-esp or ik-esp");
		else if (n > 2)
			status = ctl_bad_usage("%s: more than one value", words[0]);
		else if (n)
			status = read_key(words[0], n > 1 ? words[1] : NULL);
	}
	return status;
}

int ctl_set_add(const struct ctl *ctl, int argc, char **argv)
{
	struct gate_set_new n = { .state = GMGATE_SET_STATE_TEMPORARY };
	struct gate *g;
	int i, status;

	for (i = 1; i < argc; i++)
		if (is_key_word(argv[i]))
			return ctl_bad_usage("keys are read from standard input, "
					     "never from the command line");
	if (ctl_words_read(fields, &n, argc - 1, argv + 1, NULL))
		return CTL_USAGE;
	begin_secrets();
	status = read_key_lines();
	if (!status)
		status = take_keys(&n);
	if (!status) {
		g = ctl_gate(ctl);
		status = g ? add_one(ctl, g, &n) : CTL_FAILED;
		gate_close(g);
	}
	end_secrets();
	return status;
}

/* Takes the keys out of the words of a line; the rest stays in order. */
static int take_key_words(char **words, int *n)
{
	int i, rest = 0, status = 0;
	char *value;

	for (i = 0; i < *n && !status; i++) {
		if (!is_key_word(words[i])) {
			words[rest++] = words[i];
			continue;
		}
		value = strchr(words[i], '=');
		if (value)
			*value++ = 0;
		else if (i + 1 < *n)
			value = words[i + 1];
		status = read_key(words[i], value);
		if (value == words[i + 1])
			i++;
	}
	*n = rest;
	return status;
}

static int load_line(const struct ctl *ctl, struct gate *g, char *line)
{
	struct gate_set_new new = { .state = GMGATE_SET_STATE_TEMPORARY };
	char *words[MAX_WORDS + 1];
	int n = split(line, words), status;

	if (!n || words[0][0] == '#')
		return 0;
	words[n] = NULL;
	status = take_key_words(words, &n);
	if (!status)
		status = ctl_words_read(fields, &new, n, words, NULL);
	if (!status)
		status = take_keys(&new);
	if (!status)
		status = add_one(ctl, g, &new);
	forget_keys();
	return status;
}

int ctl_set_load(const struct ctl *ctl, int argc, char **argv)
{
	size_t taken = 0, number = 0;
	int status = 0;
	struct gate *g;
	char *line;

	(void)argv;
	if (argc > 1)
		return ctl_bad_usage("set load reads everything from standard input");
	g = ctl_gate(ctl);
	if (!g)
		return CTL_FAILED;
	begin_secrets();
	while (!status && (line = next_line(&taken, &status))) {
		number++;
		status = load_line(ctl, g, line);
		if (status)
			ctl_error("standard input, line %zu", number);
	}
	end_secrets();
	gate_close(g);
	return status;
}
