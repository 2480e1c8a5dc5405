# SPDX-License-Identifier: GPL-2.0-or-later
#
# Fuzzing and counting instructions; part of ../Makefile.
#
# What is fuzzed is the pure half, so that the targets need no library but
# libosip2 and libcrypto.  FUZZ_SECONDS is per target; corpora are kept
# outside the checkout.

FUZZ_CC	?= clang
FUZZ_SECONDS ?= 10
FUZZ_CORPUS ?= $(or $(GMGATE_CACHE),$(HOME)/.cache/gmgate)/fuzz
PURE_SRC := octets.c suite.c keys.c challenge.c authorization.c \
	sip_gate.c sip_frame.c sip_param.c sip_uri.c sip_via.c sip_header.c sip_msg.c sip_edit.c \
	sip_check.c sip_reply.c secagree.c secagree_choice.c register_edit.c register_facts.c
FUZZERS	:= $(patsubst test/%.c,.obj-fuzz/%,$(wildcard test/fuzz_*.c))
PURE_LIBS := $(shell pkg-config --libs libosip2 libcrypto 2>/dev/null)

.obj-fuzz/%: test/%.c $(PURE_SRC) $(wildcard *.h)
	@mkdir -p $(@D)
	$(say) FUZZ $@
	$(Q)$(FUZZ_CC) -std=c11 -D_GNU_SOURCE $(WARN) -g -O1 -I. -I../include/uapi \
		-fsanitize=fuzzer,address,undefined -fno-sanitize-recover=all \
		-o $@ $< $(PURE_SRC) $(PURE_LIBS)

fuzz: $(FUZZERS) .obj/bench_register
	@set -e; for f in $(FUZZERS); do \
		corpus="$(FUZZ_CORPUS)/$$(basename $$f)"; mkdir -p "$$corpus"; \
		for m in 1 2 3 4; do .obj/bench_register print $$m 1 >"$$corpus/seed-$$m"; done; \
		echo "  $$(basename $$f), $(FUZZ_SECONDS) s"; \
		$$f -max_total_time=$(FUZZ_SECONDS) -max_len=8192 -verbosity=0 \
			-artifact_prefix="$(FUZZ_CORPUS)/" -dict=test/fuzz.dict \
			"$$corpus" $(if $(wildcard $(GMGATE_SIP)),$(GMGATE_SIP)) \
			>"$$corpus.log" 2>&1 || { tail -n 60 "$$corpus.log"; exit 1; }; \
	done; echo "agent fuzzers: $(words $(FUZZERS)) targets, no finding"

# Real messages make good seeds where they are at hand.
GMGATE_SIP ?= $(or $(GMGATE_SHARED),../../shared)/data/sip-real

.obj/bench_register: test/bench_register.c $(PURE_SRC) $(wildcard *.h)
	@mkdir -p $(@D)
	$(say) LD $@
	$(Q)$(CC) -std=c11 -D_GNU_SOURCE $(WARN) -O2 -g -I. -I../include/uapi \
		-o $@ $< $(PURE_SRC) $(PURE_LIBS)

bench: .obj/bench_register
	@test/bench_register.sh $<

.PHONY: fuzz bench
