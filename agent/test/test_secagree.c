// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * Security-Client, -Server and -Verify. The headers are of the shapes that
 * phones and networks were seen to send (field note "What real phones send",
 * RFC 3329 with TS 33.203 Annex H).
 */
#include "proof.h"
#include "samples.h"
#include "secagree.h"

#define SHA1_CBC { GMGATE_ALG_HMAC_SHA_1_96, GMGATE_EALG_AES_CBC }
#define SHA1_NULL { GMGATE_ALG_HMAC_SHA_1_96, GMGATE_EALG_NULL }
#define MD5_CBC { GMGATE_ALG_HMAC_MD5_96, GMGATE_EALG_AES_CBC }
#define MD5_NULL { GMGATE_ALG_HMAC_MD5_96, GMGATE_EALG_NULL }
#define MD5_DES { GMGATE_ALG_HMAC_MD5_96, GMGATE_EALG_DES_EDE3_CBC }

static const struct suite policy[] = { SHA1_CBC, SHA1_NULL, MD5_CBC, MD5_NULL };

#define POLICY policy, sizeof(policy) / sizeof(policy[0])

/* A phone, what it sends, and the offer we take of it. */
static const struct {
	const char *who;
	const char *header;
	unsigned int n;
	struct suite suite;
	uint32_t spi_c, spi_s;
	uint16_t port_c, port_s;
} phones[] = {
	{ "1 Samsung S10: port-s below port-c",
	  "ipsec-3gpp;prot=esp;mod=trans;spi-c=73111;spi-s=73112;port-c=8802;port-s=8800;"
	  "alg=hmac-md5-96;ealg=null, ipsec-3gpp;prot=esp;mod=trans;spi-c=73111;spi-s=73112;"
	  "port-c=8802;port-s=8800;alg=hmac-sha-1-96;ealg=null",
	  2, SHA1_NULL, 73111, 73112, 8802, 8800 },
	{ "2 Samsung IMS 5.0: md5 and null only",
	  "ipsec-3gpp;prot=esp;mod=trans;spi-c=10525;spi-s=27264;port-c=14803;port-s=20917;"
	  "alg=hmac-md5-96;ealg=null", 1, MD5_NULL, 10525, 27264, 14803, 20917 },
	{ "3 iPhone 16e: alphabetical, SPI last, no blank after the comma",
	  "ipsec-3gpp;alg=hmac-md5-96;ealg=aes-cbc;mod=trans;port-c=63193;port-s=61008;prot=esp;"
	  "spi-c=200418294;spi-s=12070439,ipsec-3gpp;alg=hmac-md5-96;ealg=null;mod=trans;"
	  "port-c=63193;port-s=61008;prot=esp;spi-c=200418294;spi-s=12070439,"
	  "ipsec-3gpp;alg=hmac-sha-1-96;ealg=aes-cbc;mod=trans;port-c=63193;port-s=61008;"
	  "prot=esp;spi-c=200418294;spi-s=12070439",
	  3, SHA1_CBC, 200418294, 12070439, 63193, 61008 },
	{ "4 China Mobile: blanks, neither prot, mod nor q",
	  "ipsec-3gpp; alg=hmac-md5-96; ealg=des-ede3-cbc; spi-c=1028536224; spi-s=455113919; "
	  "port-c=8034; port-s=8904,ipsec-3gpp; alg=hmac-md5-96; ealg=aes-cbc; "
	  "spi-c=1028536224; spi-s=455113919; port-c=8034; port-s=8904",
	  2, MD5_CBC, 1028536224, 455113919, 8034, 8904 },
	{ "5 kic #35", "ipsec-3gpp;alg=hmac-md5-96;ealg=null;spi-c=1236;spi-s=1237;port-c=7004;"
	  "port-s=7005,ipsec-3gpp;alg=hmac-md5-96;ealg=des-ede3-cbc;spi-c=1236;spi-s=1237;"
	  "port-c=7004;port-s=7005", 2, MD5_NULL, 1236, 1237, 7004, 7005 },
	{ "6 VoLTE/WFC UA: ealg before alg",
	  "ipsec-3gpp;spi-c=1356870044;spi-s=1356870045;port-c=5000;port-s=5002;ealg=aes-cbc;"
	  "alg=hmac-sha-1-96", 1, SHA1_CBC, 1356870044, 1356870045, 5000, 5002 },
	{ "7 Nokia A2022P: one offer, an SPI above 2^31",
	  "ipsec-3gpp;alg=hmac-md5-96;ealg=aes-cbc;spi-c=73991669;spi-s=3963789885;"
	  "port-c=42184;port-s=43002", 1, MD5_CBC, 73991669, 3963789885, 42184, 43002 },
	{ "8 LG ImsStack: q first, SPI padded with zeros, unknown parameter",
	  "ipsec-3gpp;q=0.1;alg=hmac-sha-1-96;spi-c=0000012345;spi-s=0000012346;port-c=5063;"
	  "port-s=5064;x-lg=1;flag", 1, SHA1_NULL, 12345, 12346, 5063, 5064 },
	{ "9 IMS CLIENT 4.0: protected server port 5060",
	  "ipsec-3gpp;prot=esp;mod=trans;spi-c=5625;spi-s=5626;port-c=5061;port-s=5060;"
	  "alg=hmac-md5-96;ealg=null", 1, MD5_NULL, 5625, 5626, 5061, 5060 },
	{ "10 other mechanisms mixed in, SPI 2^32-1, a flag",
	  "tls;q=0.2, ipsec-3gpp;alg=hmac-md5-96;toto;spi-c=4294967295;spi-s=67890;port-c=1;"
	  "port-s=65535,ipsec-ike;q=0.1,digest;test=123,sdes-srtp;mediasec",
	  5, MD5_NULL, 4294967295, 67890, 1, 65535 },
	{ "11 AT&T: spi-s below spi-c",
	  "ipsec-3gpp; alg=hmac-sha-1-96; ealg=aes-cbc; prot=esp; mod=trans; spi-c=1546543; "
	  "spi-s=1546542; port-c=32773; port-s=6000", 1, SHA1_CBC, 1546543, 1546542, 32773, 6000 },
	{ "RFC 3261 7.3.1: case, blanks, folds, quoted values",
	  "IPSEC-3GPP ; ALG = \"HMAC-SHA-1-96\"\r\n ;Ealg=\"NULL\";SPI-C=300;spi-S=301;\r\n"
	  "\tport-C = 4000;port-s=4001;PROT=ESP;mod=TRANS", 1, SHA1_NULL, 300, 301, 4000, 4001 },
	{ "Huawei: sha1 with des first, numbers differ per offer",
	  "ipsec-3gpp;alg=hmac-sha-1-96;prot=esp;mod=trans;ealg=des-ede3-cbc;spi-c=46903775;"
	  "spi-s=56984977;port-c=31422;port-s=31892,ipsec-3gpp;alg=hmac-sha-1-96;prot=esp;"
	  "mod=trans;ealg=aes-cbc;spi-c=46903777;spi-s=56984979;port-c=31424;port-s=31894",
	  2, SHA1_CBC, 46903777, 56984979, 31424, 31894 },
};

static void test_phones(void **state)
{
	(void)state;
	for (size_t i = 0; i < sizeof(phones) / sizeof(phones[0]); i++) {
		const struct secagree_entry *e;
		struct secagree_list list;

		assert_true(secagree_parse(str_of(phones[i].header), &list));
		assert_int_equal(list.n, phones[i].n);
		e = secagree_choose(&list, POLICY, NULL);
		if (!e)
			fail_msg("%s: nothing chosen", phones[i].who);
		assert_true(suite_same(e->suite, phones[i].suite));
		assert_int_equal(e->spi_c, phones[i].spi_c);
		assert_int_equal(e->spi_s, phones[i].spi_s);
		assert_int_equal(e->port_c, phones[i].port_c);
		assert_int_equal(e->port_s, phones[i].port_s);
		/* The protected REGISTER repeats it. */
		assert_true(secagree_same_offer(str_of(phones[i].header),
						str_of(phones[i].header)));
	}
}

#define GOOD "alg=hmac-sha-1-96;spi-c=300;spi-s=301;port-c=4000;port-s=4001"

static void test_unusable(void **state)
{
	static const struct {
		const char *entry, *why;
	} cases[] = {
		{ "ipsec-3gpp;" GOOD, NULL },
		{ "ipsec-3gpp;q=1.000;" GOOD, NULL },
		{ "ipsec-3gpp;q=0;" GOOD, NULL },
		{ "ipsec-3gpp", "no alg" },
		{ "ipsec-3gpp ; q=0.1", "no alg" },
		{ "ipsec-man;" GOOD, "not ipsec-3gpp" },
		{ "ipsec-3gpp;mediasec;" GOOD, "mediasec" },
		{ "ipsec-3gpp;prot=ah;" GOOD, "prot" },
		{ "ipsec-3gpp;mod=tun;" GOOD, "mod" },
		{ "ipsec-3gpp;mod=UDP-enc-tun;" GOOD, "mod" },
		{ "ipsec-3gpp;mod;" GOOD, "mod" },
		{ "ipsec-3gpp;q=1.001;" GOOD, "q" },
		{ "ipsec-3gpp;q=0.1234;" GOOD, "q" },
		{ "ipsec-3gpp;q=2;" GOOD, "q" },
		{ "ipsec-3gpp;q=x;" GOOD, "q" },
		{ "ipsec-3gpp;ealg=aes-xts;" GOOD, "ealg unknown" },
		{ "ipsec-3gpp;ealg;" GOOD, "ealg unknown" },
		{ "ipsec-3gpp;ealg=aes-gcm;" GOOD, "do not go together" },
		{ "ipsec-3gpp;alg=null;ealg=null;spi-c=300;spi-s=301;port-c=1;port-s=2",
		  "do not go together" },
		{ "ipsec-3gpp;alg=hmac-sha-1-\r\n 96;spi-c=300;spi-s=301;port-c=1;port-s=2",
		  "alg unknown" },
		{ "ipsec-3gpp;alg=hmac-sha-1-96;" GOOD, "twice" },
		{ "ipsec-3gpp;alg=hmac-sha-1-96;spi-c=300;spi-s=301;port-c=1", "not all" },
		{ "ipsec-3gpp;alg=hmac-sha-1-96;spi-c=0x12c;spi-s=301;port-c=1;port-s=2", "SPI" },
		{ "ipsec-3gpp;alg=hmac-sha-1-96;spi-c=4294967296;spi-s=301;port-c=1;port-s=2", "SPI" },
		{ "ipsec-3gpp;alg=hmac-sha-1-96;spi-c=-1;spi-s=301;port-c=1;port-s=2", "SPI" },
		{ "ipsec-3gpp;alg=hmac-sha-1-96;spi-c=0;spi-s=301;port-c=1;port-s=2", "below 256" },
		{ "ipsec-3gpp;alg=hmac-sha-1-96;spi-c=300;spi-s=255;port-c=1;port-s=2", "below 256" },
		{ "ipsec-3gpp;alg=hmac-sha-1-96;spi-c=300;spi-s=300;port-c=1;port-s=2", "equal" },
		{ "ipsec-3gpp;alg=hmac-sha-1-96;spi-c=300;spi-s=301;port-c=0;port-s=2", "port" },
		{ "ipsec-3gpp;alg=hmac-sha-1-96;spi-c=300;spi-s=301;port-c=65536;port-s=2", "port" },
		{ "ipsec-3gpp;alg=hmac-sha-1-96;spi-c=300;spi-s=301;port-c=2;port-s=2", "equal" },
	};

	(void)state;
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		struct secagree_list list;

		assert_true(secagree_parse(str_of(cases[i].entry), &list));
		assert_int_equal(list.n, 1);
		if (!cases[i].why) {
			assert_null(list.entries[0].unusable);
		} else if (!list.entries[0].unusable ||
			   !strstr(list.entries[0].unusable, cases[i].why)) {
			fail_msg("%s: %s", cases[i].entry, list.entries[0].unusable);
		}
	}
}

static void test_malformed(void **state)
{
	static const char *const bad[] = {
		"ipsec-3gpp;alg=\"hmac-sha-1-96", ";alg=hmac-sha-1-96", "a=b;q=0.1",
		"ipsec-3gpp;x=<", "two words;q=0.1", "\"ipsec-3gpp\"",
	};
	struct secagree_list list;
	struct octets many = { 0 };

	(void)state;
	for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++) {
		assert_false(secagree_parse(str_of(bad[i]), &list));
		assert_non_null(list.malformed);
	}
	assert_true(secagree_parse(STR_LIT(""), &list));
	assert_int_equal(list.n, 0);
	assert_true(secagree_parse(STR_NONE, &list));
	assert_int_equal(list.n, 0);
	assert_true(secagree_parse(STR_LIT(" , ,ipsec-3gpp;" GOOD ", "), &list));
	assert_int_equal(list.n, 1);

	octets_puts(&many, "tls");
	for (int i = 1; i < SECAGREE_ENTRIES; i++)
		octets_puts(&many, ",tls");
	assert_true(secagree_parse(octets_str(&many), &list));
	octets_puts(&many, ",tls");
	assert_false(secagree_parse(octets_str(&many), &list));
	octets_free(&many);
}

static void test_choice(void **state)
{
	static const struct suite md5_first[] = { MD5_NULL, SHA1_CBC };
	static const struct suite des_only[] = { MD5_DES };
	struct secagree_list list;
	struct octets why = { 0 };

	(void)state;
	/* Local policy before the UE's q. */
	assert_true(secagree_parse(STR_LIT(
		"ipsec-3gpp;q=0.9;alg=hmac-md5-96;spi-c=300;spi-s=301;port-c=1;port-s=2,"
		"ipsec-3gpp;q=0.1;alg=hmac-sha-1-96;ealg=aes-cbc;spi-c=310;spi-s=311;port-c=3;port-s=4"),
		&list));
	assert_ptr_equal(secagree_choose(&list, POLICY, NULL), &list.entries[1]);
	assert_ptr_equal(secagree_choose(&list, md5_first, 2, NULL), &list.entries[0]);

	/* Same suite: highest q, then the first; no q is lowest. */
	assert_true(secagree_parse(STR_LIT(
		"ipsec-3gpp;alg=hmac-md5-96;spi-c=300;spi-s=301;port-c=1;port-s=2,"
		"ipsec-3gpp;q=0.5;alg=hmac-md5-96;spi-c=310;spi-s=311;port-c=3;port-s=4,"
		"ipsec-3gpp;q=0.50;alg=hmac-md5-96;spi-c=320;spi-s=321;port-c=5;port-s=6"), &list));
	assert_ptr_equal(secagree_choose(&list, POLICY, NULL), &list.entries[1]);

	/* A wrong entry is passed over as a whole. */
	assert_true(secagree_parse(STR_LIT(
		"ipsec-3gpp;alg=hmac-sha-1-96;ealg=aes-cbc;spi-c=0x1;spi-s=301;port-c=1;port-s=2,"
		"ipsec-3gpp;alg=hmac-md5-96;spi-c=320;spi-s=321;port-c=5;port-s=6"), &list));
	assert_ptr_equal(secagree_choose(&list, POLICY, NULL), &list.entries[1]);

	assert_true(secagree_parse(STR_LIT(
		"ipsec-3gpp;alg=hmac-sha-2;ealg=x;spi-c=300;spi-s=301;port-c=1;port-s=2,"
		"ipsec-3gpp;alg=hmac-md5-96;spi-c=300;spi-s=301;port-c=1;port-s=2,tls"), &list));
	assert_null(secagree_choose(&list, des_only, 1, &why));
	assert_octets(&why, "no common algorithm: UE offered hmac-sha-2/x (alg unknown), "
			    "hmac-md5-96/null, tls (not ipsec-3gpp)");
	octets_free(&why);
	assert_true(secagree_parse(STR_LIT(""), &list));
	assert_null(secagree_choose(&list, POLICY, &why));
	assert_octets(&why, "UE offered nothing");
	octets_free(&why);
}

static void test_same_offer(void **state)
{
	static const char before[] = "ipsec-3gpp;q=0.1;" GOOD ", tls;q=0.2;x=y";
	static const char *const same[] = {
		"ipsec-3gpp;q=0.1;" GOOD ",tls;q=0.2;x=y",
		"IPSEC-3GPP ; port-s=04001;port-c=4000;spi-s=0301;spi-c=300;alg=HMAC-SHA-1-96;"
		"q=0.100,\r\n tls ;x=\"Y\";q=0.20",
		"ipsec-3gpp;q=0.1;prot=esp;mod=trans;ealg=null;" GOOD ",tls;q=0.2;x=y",
	};
	static const char *const other[] = {
		"",
		"ipsec-3gpp;q=0.1;" GOOD,
		"ipsec-3gpp;q=0.1;" GOOD ",tls;q=0.2;x=y,tls",
		"tls;q=0.2;x=y,ipsec-3gpp;q=0.1;" GOOD,
		"ipsec-3gpp;" GOOD ",tls;q=0.2;x=y",
		"ipsec-3gpp;q=0.1;ealg=aes-cbc;" GOOD ",tls;q=0.2;x=y",
		"ipsec-3gpp;q=0.1;mod=tun;" GOOD ",tls;q=0.2;x=y",
		"ipsec-3gpp;q=0.1;z;" GOOD ",tls;q=0.2;x=y",
		"ipsec-3gpp;q=0.1;" GOOD ",tls;q=0.2",
		"ipsec-3gpp;q=0.1;" GOOD ",tls;q=0.2;x=z",
		"ipsec-3gpp;q=0.1;alg=hmac-sha-1-96;spi-c=302;spi-s=301;port-c=4000;port-s=4001,"
		"tls;q=0.2;x=y",
		"ipsec-3gpp;q=0.1;" GOOD ";spi-c=300,tls;q=0.2;x=y",
		"ipsec-3gpp;q=0.1;" GOOD ",tls;q=0.2;x=\"y",
	};

	(void)state;
	for (size_t i = 0; i < sizeof(same) / sizeof(same[0]); i++) {
		assert_true(secagree_same_offer(STR_LIT(before), str_of(same[i])));
		assert_true(secagree_same_offer(str_of(same[i]), STR_LIT(before)));
	}
	for (size_t i = 0; i < sizeof(other) / sizeof(other[0]); i++) {
		if (secagree_same_offer(STR_LIT(before), str_of(other[i])) ||
		    secagree_same_offer(str_of(other[i]), STR_LIT(before)))
			fail_msg("taken as the same: %s", other[i]);
	}
	assert_true(secagree_same_offer(STR_LIT(""), STR_LIT(" ")));
}

static void test_verify(void **state)
{
	struct secagree_server server = {
		.suite = SHA1_NULL, .spi_c = 12008, .spi_s = 12009, .port_c = 12010, .port_s = 6100,
	};
	static const char *const good[] = {
		/* Samsung: no q */
		"ipsec-3gpp;prot=esp;mod=trans;spi-c=12008;spi-s=12009;port-c=12010;port-s=6100;"
		"alg=hmac-sha-1-96;ealg=null",
		/* China Mobile: another order than anybody's */
		"ipsec-3gpp;alg=hmac-sha-1-96;prot=esp;mod=trans;ealg=null;spi-c=12008;spi-s=12009;"
		"port-c=12010;port-s=6100",
		/* VoLTE/WFC UA: q last */
		"ipsec-3gpp;spi-c=12008;spi-s=12009;port-c=12010;port-s=6100;ealg=null;"
		"alg=hmac-sha-1-96;q=0.1",
		"ipsec-3gpp;q=0.100;alg=hmac-sha-1-96;spi-c=0000012008;spi-s=12009;port-c=12010;"
		"port-s=6100",
	};
	static const char *const bad[] = {
		"",
		"ipsec-3gpp",
		"ipsec-3gpp;q=0.2;alg=hmac-sha-1-96;spi-c=12008;spi-s=12009;port-c=12010;port-s=6100",
		"ipsec-3gpp;alg=hmac-md5-96;spi-c=12008;spi-s=12009;port-c=12010;port-s=6100",
		"ipsec-3gpp;alg=hmac-sha-1-96;ealg=aes-cbc;spi-c=12008;spi-s=12009;port-c=12010;port-s=6100",
		"ipsec-3gpp;alg=hmac-sha-1-96;spi-c=12009;spi-s=12008;port-c=12010;port-s=6100",
		"ipsec-3gpp;alg=hmac-sha-1-96;spi-c=12008;spi-s=12009;port-c=12011;port-s=6100",
		"ipsec-3gpp;alg=hmac-sha-1-96;spi-c=12008;spi-s=12009;port-c=12010",
		"ipsec-3gpp;alg=hmac-sha-1-96;spi-c=12008;spi-s=12009;port-c=12010;port-s=6100,tls",
		"ipsec-3gpp;alg=hmac-sha-1-96;spi-c=12008;spi-s=12009;port-c=12010;port-s=6100;x=y",
		"tls;alg=hmac-sha-1-96;spi-c=12008;spi-s=12009;port-c=12010;port-s=6100",
	};
	struct octets sent = { 0 };

	(void)state;
	secagree_format_server(&sent, &server);
	assert_octets(&sent, "ipsec-3gpp;q=0.1;prot=esp;mod=trans;spi-c=12008;spi-s=12009;"
			     "port-c=12010;port-s=6100;alg=hmac-sha-1-96;ealg=null");
	assert_true(secagree_verify(octets_str(&sent), octets_str(&sent)));
	for (size_t i = 0; i < sizeof(good) / sizeof(good[0]); i++)
		assert_true(secagree_verify(octets_str(&sent), str_of(good[i])));
	for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++)
		if (secagree_verify(octets_str(&sent), str_of(bad[i])))
			fail_msg("verified: %s", bad[i]);
	octets_free(&sent);
	/* Several sent: all must come back, in order. */
	assert_true(secagree_verify(STR_LIT("a;q=0.2,b;q=0.1"), STR_LIT("a, b")));
	assert_false(secagree_verify(STR_LIT("a;q=0.2,b;q=0.1"), STR_LIT("a")));
	assert_false(secagree_verify(STR_LIT("a;q=0.2,b;q=0.1"), STR_LIT("b,a")));
}

/* Field notes 54 and 58: what goes out has the standard's form. */
static void test_policy(void **state)
{
	struct octets out = { 0 };
	struct secagree_list list;
	struct suite many[12];

	(void)state;
	secagree_format_policy(&out, policy, 2);
	assert_octets(&out, "ipsec-3gpp;q=0.9;prot=esp;mod=trans;alg=hmac-sha-1-96;ealg=aes-cbc, "
			    "ipsec-3gpp;q=0.8;prot=esp;mod=trans;alg=hmac-sha-1-96;ealg=null");
	octets_free(&out);
	for (int i = 0; i < 12; i++)
		many[i] = policy[i % 4];
	secagree_format_policy(&out, many, 12);
	assert_true(secagree_parse(octets_str(&out), &list));
	assert_int_equal(list.n, 12);
	for (int i = 1; i < 12; i++)
		assert_true(list.entries[i].q < list.entries[i - 1].q);
	octets_free(&out);
}

static void test_strip(void **state)
{
	static const char in[] =
		"REGISTER sip:h SIP/2.0\r\n"
		"Require: sec-agree\r\n"
		"Require: path , Sec-Agree,  x\r\n"
		"Proxy-Require: a,sec-agree\r\n"
		"Proxy-Require: sec-agree, sec-agree\r\n"
		"k: path,sec-agree\r\n"
		"Security-Client: ipsec-3gpp;" GOOD "\r\n"
		"Security-Verify: ipsec-3gpp;\r\n  q=0.1\r\n"
		"SECURITY-CLIENT: tls\r\n"
		"Security-Server: tls\r\n"
		"\r\n";
	static const char want[] =
		"REGISTER sip:h SIP/2.0\r\n"
		"Require: path,  x\r\n"
		"Proxy-Require: a\r\n"
		"k: path,sec-agree\r\n"
		"\r\n";
	struct sip_msg *msg = sip_msg_new(STR_LIT(in), &sip_limits_default, NULL);
	struct octets out = { 0 };

	(void)state;
	assert_non_null(msg);
	assert_true(secagree_required(msg));
	assert_true(secagree_supported(msg));
	sip_msg_join(msg, SIP_HEADER_SECURITY_CLIENT, &out);
	assert_octets(&out, "ipsec-3gpp;" GOOD ", tls");
	octets_free(&out);
	secagree_strip(msg);
	assert_true(sip_msg_write(msg, &out));
	assert_octets(&out, want);
	octets_free(&out);
	sip_msg_free(msg);

	msg = sip_msg_new(STR_LIT("REGISTER sip:h SIP/2.0\r\nProxy-Require: sec-agree\r\n\r\n"),
			  &sip_limits_default, NULL);
	assert_true(secagree_required(msg));
	assert_false(secagree_supported(msg));
	sip_msg_free(msg);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		PROOF(test_phones, "field note 'real phones' 1-11: every offer read, one chosen"),
		PROOF(test_unusable, "TS 33.203 Annex H, field note 12: one bad entry spoils only itself"),
		PROOF(test_malformed, "RFC 3329 2.2: what is no list at all"),
		PROOF(test_choice, "TS 33.203 7.2, field note 3, 4: policy first, then q, as units"),
		PROOF(test_same_offer, "TS 33.203 7.2: Security-Client unchanged, by meaning"),
		PROOF(test_verify, "RFC 3329 2.3.1, field note 53: Security-Verify repeats all we sent"),
		PROOF(test_policy, "RFC 3329 2.3.1: Security-Server of a 421 or 494"),
		PROOF(test_strip, "RFC 3329 2.3.1, field note 13, 38: nothing of it goes to the core"),
	};

	return cmocka_run_group_tests_name("secagree", tests, NULL, NULL);
}
