# SPDX-License-Identifier: GPL-2.0-or-later
#
# Fuzzing and counting instructions; part of ../Makefile.
#
# FUZZ_SECONDS is per target, FUZZ_TARGETS picks some (fuzz_json ...).  A corpus
# is kept outside the checkout, but for the seeds in test/seeds/TARGET/: what a
# mutator would not think of in a few seconds, and every finding of the past.

FUZZ_CC	?= clang
FUZZ_SECONDS ?= 10
FUZZ_TARGETS ?= $(patsubst test/%.c,%,$(wildcard test/fuzz_*.c))
FUZZ_CORPUS ?= $(or $(GMGATE_CACHE),$(HOME)/.cache/gmgate)/fuzz
FUZZ_CFLAGS = -std=c11 -D_GNU_SOURCE $(WARN) -g -O1 $(INCLUDES) $(PKG_CFLAGS) \
	-fsanitize=address,undefined -fno-sanitize-recover=all
# Half of the agent without sockets and event loop; the other half of bench_register.
PURE_SRC := base/addr.c base/octets.c proxy/proxy_edit.c proxy/proxy_identity.c \
	proxy/proxy_route.c proxy/trust_domain.c register/register_edit.c register/register_facts.c \
	secagree/challenge.c secagree/keys.c secagree/secagree.c secagree/secagree_choice.c \
	secagree/suite.c sip/authorization.c sip/sip_check.c sip/sip_edit.c sip/sip_follow.c \
	sip/sip_frame.c sip/sip_gate.c sip/sip_header.c sip/sip_msg.c sip/sip_param.c sip/sip_reply.c \
	sip/sip_uri.c sip/sip_via.c
FUZZ_OBJ := $(LIB_SRC:%.c=.obj-fuzz/%.o) .obj-fuzz/ctl/ctl_json.o
FUZZERS	:= $(FUZZ_TARGETS:%=.obj-fuzz/%)
PURE_LIBS := $(shell pkg-config --libs libosip2 libcrypto 2>/dev/null)

.obj-fuzz/%.o: %.c
	@mkdir -p $(@D)
	$(say) CCFUZZ $<
	$(Q)$(FUZZ_CC) $(FUZZ_CFLAGS) -fsanitize=fuzzer-no-link -MMD -MP -c -o $@ $<

.obj-fuzz/libagent.a: $(FUZZ_OBJ)
	$(say) AR $@
	$(Q)rm -f $@ && $(AR) rcs $@ $^

.obj-fuzz/fuzz_%: test/fuzz_%.c test/fuzz.h .obj-fuzz/libagent.a
	$(say) FUZZ $@
	$(Q)$(FUZZ_CC) $(FUZZ_CFLAGS) -fsanitize=fuzzer -o $@ $< .obj-fuzz/libagent.a $(PKG_LIBS)

fuzz: $(FUZZERS) .obj/bench_register
	@for f in $(filter fuzz_sip_% fuzz_proxy_edit fuzz_challenge fuzz_secagree,$(FUZZ_TARGETS)); do \
		mkdir -p "$(FUZZ_CORPUS)/$$f"; \
		for m in 1 2 3 4; do .obj/bench_register print $$m 1 >"$(FUZZ_CORPUS)/$$f/seed-$$m"; done; \
	done
	@FUZZ_SECONDS=$(FUZZ_SECONDS) FUZZ_CORPUS="$(FUZZ_CORPUS)" FUZZ_MORE_SEEDS="$(GMGATE_SIP)" \
		../selftests/fuzz/libfuzzer test $(FUZZERS)

# Real messages make good seeds where they are at hand.
GMGATE_SIP ?= $(or $(GMGATE_SHARED),../../shared)/data/sip-real

-include $(wildcard .obj-fuzz/*/*.d)

.obj/bench_register: test/bench_register.c $(PURE_SRC) $(wildcard $(PARTS:%=%/*.h))
	@mkdir -p $(@D)
	$(say) LD $@
	$(Q)$(CC) -std=c11 -D_GNU_SOURCE $(WARN) -O2 -g $(INCLUDES) \
		-o $@ $< $(PURE_SRC) $(PURE_LIBS)

bench: .obj/bench_register
	@test/bench_register.sh $<

.PHONY: fuzz bench
