// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * gmgate_test: ESP test vectors through the code of gmgate.ko.
 *
 * Linked with the same objects, in a module of its own: that a caller chooses
 * IV, sequence number and keys is nothing for a real interface.  Not for
 * production; it is not installed.
 *
 * /dev/gmgate-vector: write one request, lines of key=value, then read the
 * answer.  See request() for the requests.
 */
#if defined(CONFIG_X86) && !defined(CONFIG_UML)
#include <asm/fpu/api.h>
#endif
#include <linux/kernel.h>
#include <linux/inet.h>
#include <linux/miscdevice.h>
#include <linux/module.h>
#include <linux/slab.h>
#include <linux/uaccess.h>
#include <linux/netfilter.h>
#include <net/ipv6.h>

#include "addr.h"
#include "bare.h"
#include "bind.h"
#include "compat.h"
#include "esp_open.h"
#include "esp_seal.h"
#include "names-gen.h"
#include "parse.h"
#include "set.h"
#include "suite.h"

#define MAX_REQUEST	(160 * 1024)
#define MAX_PACKET	65535
#define MAX_WINDOW_SEQ	4096

/**
 * struct session - one open file
 * @text: the request, then the answer; MAX_REQUEST octets
 * @len: of the answer
 */
struct session {
	char *text;
	size_t len;
};

static const char *const drop_names[] = {
#define NAME(ident, name) [ident] = name,
	GMG_DROP_NAMES(NAME)
#undef NAME
};

/* The value of a key: points into @text, ends with its line. */
static char *value(char *text, const char *key)
{
	size_t n = strlen(key);
	char *line = text;

	while (line && *line) {
		if (!strncmp(line, key, n) && line[n] == '=')
			return line + n + 1;
		line = strchr(line, '\n');
		if (line)
			line++;
	}
	return NULL;
}

static size_t value_len(const char *v)
{
	return v ? strcspn(v, "\n") : 0;
}

static bool value_is(const char *v, const char *want)
{
	return v && value_len(v) == strlen(want) &&
	       !strncmp(v, want, strlen(want));
}

static int get_hex(char *text, const char *key, u8 *out, size_t max)
{
	const char *v = value(text, key);
	size_t n = value_len(v);

	if (n % 2 || n / 2 > max || (n && hex2bin(out, v, n / 2)))
		return -EINVAL;
	return n / 2;
}

static int get_u32(char *text, const char *key, u32 *out)
{
	const char *v = value(text, key);
	char buf[16];

	if (!v || value_len(v) >= sizeof(buf))
		return -EINVAL;
	memcpy(buf, v, value_len(v));
	buf[value_len(v)] = 0;
	return kstrtou32(buf, 10, out);
}

static const struct gmg_suite *get_suite(char *text)
{
	static const struct { const char *name; u32 alg; } algs[] = {
#define NAME(ident, name) { name, ident },
		GMG_ALG_NAMES(NAME)
	}, ealgs[] = {
		GMG_EALG_NAMES(NAME)
#undef NAME
	};
	u32 alg = 0, ealg = 0, i;

	for (i = 0; i < ARRAY_SIZE(algs); i++)
		if (value_is(value(text, "alg"), algs[i].name))
			alg = algs[i].alg;
	for (i = 0; i < ARRAY_SIZE(ealgs); i++)
		if (value_is(value(text, "ealg"), ealgs[i].name))
			ealg = ealgs[i].alg;
	return gmg_suite_find(alg, ealg);
}

static int get_keys(char *text, const struct gmg_suite *suite,
		    struct gmg_keys *keys)
{
	u8 ik[GMGATE_MAX_KEY], ck[GMGATE_MAX_KEY], salt[GMG_SALT];

	if (get_hex(text, "ik_esp", ik, sizeof(ik)) != suite->ik_len ||
	    get_hex(text, "ck_esp", ck, sizeof(ck)) != suite->ck_len ||
	    get_hex(text, "salt", salt, sizeof(salt)) != suite->salt_len)
		return -EINVAL;
	return gmg_keys_set(keys, suite, ik, ck, salt);
}

/* A packet as the stack would have it, data at the IP header, and its parts. */
static struct sk_buff *get_packet(char *text, struct gmg_l4 *l4)
{
	u8 *packet = kmalloc(MAX_PACKET, GFP_KERNEL);
	struct sk_buff *skb = NULL;
	int len;

	if (!packet)
		return NULL;
	len = get_hex(text, "packet", packet, MAX_PACKET);
	if (len < (int)sizeof(struct iphdr))
		goto out;
	skb = alloc_skb(NET_SKB_PAD + len, GFP_KERNEL);
	if (!skb)
		goto out;
	skb_reserve(skb, NET_SKB_PAD);
	skb_put_data(skb, packet, len);
	skb_reset_network_header(skb);
	if (gmg_parse(skb, 0, packet[0] >> 4 == 4 ? NFPROTO_IPV4 :
		      NFPROTO_IPV6, l4) > GMG_PARSED_PORTS || l4->off > len) {
		kfree_skb(skb);
		skb = NULL;
	}
out:
	kfree(packet);
	return skb;
}

static int answer(struct session *s, const char *word, const char *arg)
{
	s->len = scnprintf(s->text, MAX_REQUEST, "%s %s\n", word, arg);
	return 0;
}

static int answer_packet(struct session *s, const struct sk_buff *skb)
{
	char *p = s->text + scnprintf(s->text, MAX_REQUEST, "ok packet=");

	p = bin2hex(p, skb->data, skb->len);
	*p++ = '\n';
	s->len = p - s->text;
	return 0;
}

/*
 * With simd=busy a packet meets what one meets that interrupts a user of the
 * SIMD registers: drivers that need them are out of reach.
 */
static void begin(const struct session *s)
{
	local_bh_disable();
#if defined(CONFIG_X86) && !defined(CONFIG_UML)
	if (value_is(value(s->text, "simd"), "busy"))
		kernel_fpu_begin();
#endif
}

static void end(const struct session *s)
{
#if defined(CONFIG_X86) && !defined(CONFIG_UML)
	if (value_is(value(s->text, "simd"), "busy"))
		kernel_fpu_end();
#endif
	local_bh_enable();
}

static int seal(struct session *s, const struct gmg_keys *keys)
{
	u8 iv[16], *chosen = NULL;
	enum gmgate_drop reason;
	struct sk_buff *skb;
	struct gmg_l4 l4;
	u32 spi, seq;
	int n, err;

	n = get_hex(s->text, "iv", iv, sizeof(iv));
	if (n != keys->suite->shape.iv || get_u32(s->text, "spi", &spi) ||
	    get_u32(s->text, "seq", &seq))
		return -EINVAL;
	if (n)
		chosen = iv;
	skb = get_packet(s->text, &l4);
	if (!skb)
		return -EINVAL;
	begin(s);
	reason = gmg_esp_seal(keys, skb, htonl(spi), 0, seq, l4.off, l4.nhoff,
			      chosen);
	end(s);
	err = reason ? answer(s, "drop", drop_names[reason]) :
		       answer_packet(s, skb);
	kfree_skb(skb);
	return err;
}

static int get_addr(char *text, const char *key, struct in6_addr *addr)
{
	u8 octets[16];
	int n = get_hex(text, key, octets, sizeof(octets));

	return n > 0 && gmg_addr_from_bytes(addr, octets, n) ? 0 : -EINVAL;
}

/* What input.c does around gmg_esp_open(), as far as one packet goes. */
static enum gmgate_drop open_one(struct sk_buff *skb, const struct gmg_l4 *l4,
				 const struct gmg_keys *keys,
				 struct gmg_pair *pair)
{
	enum gmgate_drop reason;
	bool crossed;
	u8 proto = 0;

	skb_pull(skb, l4->off);
	if (skb->len < GMG_ESP_HDR)
		return GMGATE_DROP_IN_LENGTH;
	if (get_unaligned((__be32 *)skb->data) != pair->spi_in)
		return GMGATE_DROP_IN_UNKNOWN_SPI;
	reason = gmg_esp_open(keys, pair, skb, &proto);
	if (reason)
		return reason;
	gmg_esp_strip(keys, skb, proto, l4->nhoff);
	reason = gmg_bind_check(skb, pair, proto, &crossed);
	skb_push(skb, l4->off);
	return reason;
}

static int open(struct session *s, const struct gmg_keys *keys)
{
	struct in6_addr src, dst;
	struct gmg_pair pair = { };
	enum gmgate_drop reason;
	u32 spi, sport, dport;
	struct sk_buff *skb;
	struct gmg_l4 l4;
	int err;

	if (get_u32(s->text, "spi", &spi) ||
	    get_u32(s->text, "sport", &sport) ||
	    get_u32(s->text, "dport", &dport) ||
	    get_addr(s->text, "src", &src) || get_addr(s->text, "dst", &dst))
		return -EINVAL;
	skb = get_packet(s->text, &l4);
	if (!skb)
		return -EINVAL;
	spin_lock_init(&pair.lock);
	pair.spi_in = htonl(spi);
	pair.ue_port = htons(sport);
	pair.local_port = htons(dport);

	begin(s);
	reason = ipv6_addr_equal(&l4.saddr, &src) &&
		 ipv6_addr_equal(&l4.daddr, &dst) ?
		 open_one(skb, &l4, keys, &pair) : GMGATE_DROP_IN_ADDRESS;
	end(s);
	err = reason ? answer(s, "drop", drop_names[reason]) :
		       answer_packet(s, skb);
	kfree_skb(skb);
	return err;
}

static int window(struct session *s)
{
	struct gmg_replay r = { };
	char *v = value(s->text, "seq"), *word, *out, *o;
	u32 size, seq;

	if (!v || get_u32(s->text, "window", &size) || size > GMG_REPLAY_MAX)
		return -EINVAL;
	out = kzalloc(MAX_WINDOW_SEQ * 2, GFP_KERNEL);
	if (!out)
		return -ENOMEM;
	v[value_len(v)] = 0;
	o = out;
	while ((word = strsep(&v, ",")) && o < out + MAX_WINDOW_SEQ * 2 - 4) {
		bool take;

		if (kstrtou32(word, 10, &seq)) {
			kfree(out);
			return -EINVAL;
		}
		take = gmg_replay_check(&r, seq, size);
		if (take)
			gmg_replay_advance(&r, seq);
		o += sprintf(o, "%s%d", o == out ? "" : ",", take);
	}
	answer(s, "ok", out);
	kfree(out);
	return 0;
}

static int bare(struct session *s)
{
	const char *what = value(s->text, "what");
	u32 octets, rounds;
	bool encrypt = value_is(value(s->text, "way"), "out");
	u64 ns;
	int err;

	if (get_u32(s->text, "octets", &octets) ||
	    get_u32(s->text, "rounds", &rounds) || rounds > 10000)
		return -EINVAL;
	if (value_is(what, "aead"))
		err = gmg_bare_aead(octets, encrypt, rounds, &ns);
	else if (value_is(what, "cipher"))
		err = gmg_bare_cipher(octets, encrypt, rounds, &ns);
	else
		err = gmg_bare_hash(octets, rounds, &ns);
	if (!err)
		s->len = scnprintf(s->text, MAX_REQUEST, "ok ns=%llu\n", ns);
	return err;
}

static int caps(struct session *s)
{
	static const char *const algs[] = {
#define NAME(ident, name) [ident] = name,
		GMG_ALG_NAMES(NAME)
	};
	static const char *const ealgs[] = {
		GMG_EALG_NAMES(NAME)
#undef NAME
	};
	const struct gmg_suite *suite = NULL;
	size_t n = scnprintf(s->text, MAX_REQUEST, "ok ");

	while ((suite = gmg_suite_next(suite)))
		n += scnprintf(s->text + n, MAX_REQUEST - n, "%s%s/%s",
			       s->text[n - 1] == ' ' ? "" : ",",
			       algs[suite->alg], ealgs[suite->ealg]);
	n += scnprintf(s->text + n, MAX_REQUEST - n, "\n");
	s->len = n;
	return 0;
}

/*
 * op=caps
 * op=window window=N seq=N,N,...
 * op=seal alg ealg ik_esp ck_esp spi seq iv packet [simd=busy]
 * op=open alg ealg ik_esp ck_esp spi src dst sport dport packet [simd=busy]
 * op=stand-in alg ealg ik_esp ck_esp: does simd=busy make a difference, "yes" or "no"
 * op=bare what=hash|cipher|aead octets rounds way=out|in: SHA-1, AES-CBC, AES-GCM
 * Addresses are hex octets, like packets and keys.
 */
static int request(struct session *s)
{
	const struct gmg_suite *suite;
	const char *op = value(s->text, "op");
	struct gmg_keys keys;
	int err;

	if (value_is(op, "caps"))
		return caps(s);
	if (value_is(op, "window"))
		return window(s);
	if (value_is(op, "bare"))
		return bare(s);
	suite = get_suite(s->text);
	if (!suite)
		return answer(s, "unsupported", "suite");
	err = get_keys(s->text, suite, &keys);
	if (err)
		return err;
	if (value_is(op, "seal"))
		err = seal(s, &keys);
	else if (value_is(op, "open"))
		err = open(s, &keys);
	else if (value_is(op, "stand-in"))
		err = answer(s, "ok", keys.simd ? "yes" : "no");
	else
		err = -EINVAL;
	gmg_keys_wipe(&keys);
	return err;
}

static int vector_open(struct inode *inode, struct file *file)
{
	struct session *s = kzalloc(sizeof(*s), GFP_KERNEL);

	if (s)
		s->text = kvzalloc(MAX_REQUEST, GFP_KERNEL);
	if (!s || !s->text) {
		kfree(s);
		return -ENOMEM;
	}
	file->private_data = s;
	return 0;
}

static int vector_release(struct inode *inode, struct file *file)
{
	struct session *s = file->private_data;

	kvfree(s->text);
	kfree(s);
	return 0;
}

static ssize_t vector_write(struct file *file, const char __user *buf,
			    size_t len, loff_t *pos)
{
	struct session *s = file->private_data;
	int err;

	if (len >= MAX_REQUEST)
		return -E2BIG;
	if (copy_from_user(s->text, buf, len))
		return -EFAULT;
	s->text[len] = 0;
	s->len = 0;
	*pos = 0;
	err = request(s);
	if (err)
		answer(s, "error", "bad request");
	return len;
}

static ssize_t vector_read(struct file *file, char __user *buf, size_t len,
			   loff_t *pos)
{
	struct session *s = file->private_data;

	return simple_read_from_buffer(buf, len, pos, s->text, s->len);
}

static const struct file_operations vector_ops = {
	.owner = THIS_MODULE,
	.open = vector_open,
	.release = vector_release,
	.write = vector_write,
	.read = vector_read,
	.llseek = default_llseek,
};

static struct miscdevice vector_dev = {
	.minor = MISC_DYNAMIC_MINOR,
	.name = "gmgate-vector",
	.fops = &vector_ops,
	.mode = 0600,
};

static int __init vector_init(void)
{
	int err = gmg_suite_init();

	if (err)
		return err;
	err = misc_register(&vector_dev);
	if (err)
		gmg_suite_exit();
	return err;
}

static void __exit vector_exit(void)
{
	misc_deregister(&vector_dev);
	gmg_suite_exit();
}

module_init(vector_init);
module_exit(vector_exit);

MODULE_LICENSE("GPL");
MODULE_DESCRIPTION("ESP test vectors for gmgate");
