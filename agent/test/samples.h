/* SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef _SAMPLES_H
#define _SAMPLES_H

/*
 * The four messages of a registration as the P-CSCF receives them, in the
 * manner of a phone that offers six suites. Subscriber and keys are test set 1
 * of TS 35.208.
 */

#define SAMPLE_OFFER(ALG, EALG)                                                \
	"ipsec-3gpp;prot=esp;mod=trans;spi-c=169552897;spi-s=169552898;"       \
	"port-c=5100;port-s=5101;alg=" ALG ";ealg=" EALG

#define SAMPLE_OFFERS                                                          \
	SAMPLE_OFFER("hmac-md5-96", "des-ede3-cbc") ", "                       \
	SAMPLE_OFFER("hmac-md5-96", "aes-cbc") ", "                            \
	SAMPLE_OFFER("hmac-md5-96", "null") ", "                               \
	SAMPLE_OFFER("hmac-sha-1-96", "des-ede3-cbc") ", "                     \
	SAMPLE_OFFER("hmac-sha-1-96", "aes-cbc") ", "                          \
	SAMPLE_OFFER("hmac-sha-1-96", "null")

#define SAMPLE_SERVER                                                          \
	"ipsec-3gpp;q=0.1;prot=esp;mod=trans;spi-c=4098;spi-s=4097;"           \
	"port-c=6101;port-s=6100;alg=hmac-sha-1-96;ealg=aes-cbc"

#define SAMPLE_CK "b40ba9a3c58b2a05bbf0d987b21bf8cb"
#define SAMPLE_IK "f769bcd751044604127672711c6d3441"
#define SAMPLE_HOME "ims.mnc001.mcc001.3gppnetwork.org"
#define SAMPLE_IMPI "001010000000001@" SAMPLE_HOME
#define SAMPLE_NONCE "I1U8vpY3qJ0hiuZNrke/NVXzKLQ1d7m5Sp/6w1Tfr7M="
#define SAMPLE_FEATURES                                                        \
	";+g.3gpp.icsi-ref=\"urn%3Aurn-7%3A3gpp-service.ims.icsi.mmtel\""      \
	";+g.3gpp.smsip;video;+sip.instance=\"<urn:gsma:imei:35467806-000000-0>\""

#define SAMPLE_REGISTER_1                                                      \
	"REGISTER sip:" SAMPLE_HOME " SIP/2.0\r\n"                             \
	"Via: SIP/2.0/UDP 10.45.0.3:5060;branch=z9hG4bKa1;rport\r\n"           \
	"Route: <sip:10.4.128.21:5060;lr>\r\n"                                 \
	"From: <sip:" SAMPLE_IMPI ">;tag=3210654491\r\n"                       \
	"To: <sip:" SAMPLE_IMPI ">\r\n"                                        \
	"Call-ID: A8486F315869AD36E9AF213F@10.45.0.3\r\n"                      \
	"CSeq: 1 REGISTER\r\n"                                                 \
	"Contact: <sip:001010000000001@10.45.0.3:5060>" SAMPLE_FEATURES "\r\n" \
	"Authorization: Digest username=\"" SAMPLE_IMPI "\",realm=\""          \
	SAMPLE_HOME "\",uri=\"sip:" SAMPLE_HOME "\",nonce=\"\",response=\"\"\r\n" \
	"Max-Forwards: 70\r\n"                                                 \
	"Expires: 600000\r\n"                                                  \
	"Supported: path,sec-agree\r\n"                                        \
	"Require: sec-agree\r\n"                                               \
	"Proxy-Require: sec-agree\r\n"                                         \
	"P-Access-Network-Info: 3GPP-E-UTRAN-FDD;utran-cell-id-3gpp=0010100010000019B\r\n" \
	"Allow: INVITE,ACK,OPTIONS,CANCEL,BYE,UPDATE,INFO,REFER,NOTIFY,MESSAGE,PRACK\r\n" \
	"User-Agent: sample\r\n"                                               \
	"Security-Client: " SAMPLE_OFFERS "\r\n"                               \
	"Content-Length: 0\r\n\r\n"

#define SAMPLE_REGISTER_2                                                      \
	"REGISTER sip:" SAMPLE_HOME " SIP/2.0\r\n"                             \
	"Via: SIP/2.0/UDP 10.45.0.3:5101;branch=z9hG4bKa2;rport\r\n"           \
	"Route: <sip:10.4.128.21:6100;lr>\r\n"                                 \
	"From: <sip:" SAMPLE_IMPI ">;tag=3210654491\r\n"                       \
	"To: <sip:" SAMPLE_IMPI ">\r\n"                                        \
	"Call-ID: A8486F315869AD36E9AF213F@10.45.0.3\r\n"                      \
	"CSeq: 2 REGISTER\r\n"                                                 \
	"Contact: <sip:001010000000001@10.45.0.3:5101>" SAMPLE_FEATURES "\r\n" \
	"Authorization: Digest username=\"" SAMPLE_IMPI "\",realm=\""          \
	SAMPLE_HOME "\",uri=\"sip:" SAMPLE_HOME "\",nonce=\"" SAMPLE_NONCE     \
	"\",algorithm=AKAv1-MD5,qop=auth,nc=00000001,cnonce=\"0a4f113b\","     \
	"response=\"402ab8df9f3a4d63a9f47c2f90e02938\"\r\n"                    \
	"Max-Forwards: 70\r\n"                                                 \
	"Expires: 600000\r\n"                                                  \
	"Supported: path,sec-agree\r\n"                                        \
	"Require: sec-agree\r\n"                                               \
	"Proxy-Require: sec-agree\r\n"                                         \
	"P-Access-Network-Info: 3GPP-E-UTRAN-FDD;utran-cell-id-3gpp=0010100010000019B\r\n" \
	"Allow: INVITE,ACK,OPTIONS,CANCEL,BYE,UPDATE,INFO,REFER,NOTIFY,MESSAGE,PRACK\r\n" \
	"User-Agent: sample\r\n"                                               \
	"Security-Client: " SAMPLE_OFFERS "\r\n"                               \
	"Security-Verify: " SAMPLE_SERVER "\r\n"                               \
	"Content-Length: 0\r\n\r\n"

#define SAMPLE_TOKEN "0f1e2d3c4b5a69788796a5b4c3d2e1f0"

#define SAMPLE_VIAS(PORT, BRANCH)                                              \
	"Via: SIP/2.0/UDP 192.0.2.1:5060;branch=z9hG4bKours" BRANCH "\r\n"     \
	"Via: SIP/2.0/UDP 10.45.0.3:" PORT ";branch=z9hG4bK" BRANCH            \
	";rport=5060;received=10.45.0.3\r\n"

#define SAMPLE_401                                                             \
	"SIP/2.0 401 Unauthorized\r\n"                                         \
	SAMPLE_VIAS("5060", "a1")                                              \
	"From: <sip:" SAMPLE_IMPI ">;tag=3210654491\r\n"                       \
	"To: <sip:" SAMPLE_IMPI ">;tag=a35a5806d604\r\n"                       \
	"Call-ID: A8486F315869AD36E9AF213F@10.45.0.3\r\n"                      \
	"CSeq: 1 REGISTER\r\n"                                                 \
	"WWW-Authenticate: Digest realm=\"" SAMPLE_HOME "\",nonce=\"" SAMPLE_NONCE \
	"\",algorithm=AKAv1-MD5,ck=\"" SAMPLE_CK "\",ik=\"" SAMPLE_IK          \
	"\",qop=\"auth,auth-int\"\r\n"                                         \
	"Path: <sip:" SAMPLE_TOKEN "@192.0.2.1:5060;lr>\r\n"                   \
	"P-Charging-Vector: icid-value=\"1\";term-ioi=\"home\"\r\n"            \
	"Server: core\r\n"                                                     \
	"Content-Length: 0\r\n\r\n"

#define SAMPLE_200                                                             \
	"SIP/2.0 200 OK\r\n"                                                   \
	SAMPLE_VIAS("5101", "a2")                                              \
	"From: <sip:" SAMPLE_IMPI ">;tag=3210654491\r\n"                       \
	"To: <sip:" SAMPLE_IMPI ">;tag=a35a5806d604\r\n"                       \
	"Call-ID: A8486F315869AD36E9AF213F@10.45.0.3\r\n"                      \
	"CSeq: 2 REGISTER\r\n"                                                 \
	"Contact: <sip:001010000000001@10.45.0.3:5101>;expires=600000" SAMPLE_FEATURES "\r\n" \
	"Path: <sip:" SAMPLE_TOKEN "@192.0.2.1:5060;lr>\r\n"                   \
	"P-Associated-URI: <tel:0598765432100>, <sip:" SAMPLE_IMPI ">\r\n"     \
	"Service-Route: <sip:orig@scscf." SAMPLE_HOME ":6060;lr>\r\n"          \
	"P-Charging-Vector: icid-value=\"2\";term-ioi=\"home\"\r\n"            \
	"P-Charging-Function-Addresses: ccf=192.0.2.9\r\n"                     \
	"Server: core\r\n"                                                     \
	"Content-Length: 0\r\n\r\n"

#endif
