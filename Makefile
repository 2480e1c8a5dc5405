# SPDX-License-Identifier: GPL-2.0-or-later
#
# gmgate: what a user types.  Quiet by default, V=1 shows the commands.

KDIR	?= $(firstword $(wildcard /lib/modules/$(shell uname -r)/build) \
	     $(lastword $(sort $(wildcard /lib/modules/*/build))))
DIR	?=
GUEST	?= uml-debug
BENCH_GUEST ?= vng
BENCH	?=
BENCH_CLOCK ?= -i
BENCH_MEMORY ?=
BENCH_SECONDS ?=
TESTS	?=
FUZZ_SECONDS ?= 60
FUZZ_MESSAGES ?= 1000000
FUZZ_PACKETS ?= 1000000
FUZZ_SEED ?=
PREFIX	?= /usr/local
DESTDIR	?=

export V
# A kernel's build looks at these too; they are not meant for it.
unexport KDIR DIR GUEST TESTS PREFIX DESTDIR

ifeq ($(V),1)
Q :=
else
Q := @
MAKEFLAGS += --no-print-directory
endif

guest := selftests/guest/run -k $(GUEST)
PYTHON := /usr/bin/python3

.DEFAULT_GOAL := help

# A target's help is the text after its name's two hash signs.
help: ## this list
	@echo "gmgate: a P-CSCF's security gate. Targets:"
	@awk -F ':.*## ' '/^[a-z0-9-]+:.*## / { printf "  make %-16s %s\n", $$1, $$2 }' $(MAKEFILE_LIST)
	@echo "Variables: V=1 verbose; KDIR= kernel tree; TESTS= scripts;"
	@echo "  GUEST=uml|uml-debug|vng|vng612|qemu-debug (selftests/README.md has what each is for);"
	@echo "  FUZZ_SECONDS= of each parser, FUZZ_MESSAGES= FUZZ_PACKETS= in the guest, FUZZ_SEED="
	@echo "  BENCH= options of a bench, BENCH_GUEST=vng|vng612, BENCH_CLOCK= (none: real time),"
	@echo "  BENCH_MEMORY= and BENCH_SECONDS= of its guest;"
	@echo "  DIR= vectors, messages; PREFIX= DESTDIR= for install; GMGATE_CACHE= where guests are kept"

deps: ## install what building and testing need (apt, as root)
	$(Q)selftests/deps

gen: ## write the netlink uapi header and tables from the YAML spec
	$(Q)$(PYTHON) Documentation/netlink/gen.py

gen-check: ## fail when they do not match the spec
	$(Q)$(PYTHON) Documentation/netlink/gen.py --check

modules: ## gmgate.ko for KDIR (default: the running kernel), in build/RELEASE/
	$(Q)selftests/guest/modules -K "$(KDIR)"

modules-guest: ## gmgate.ko for the guest GUEST, in build/GUEST/
	$(Q)selftests/guest/modules -k $(GUEST)

agent: ## gmgated and gmctl, in agent/
	$(Q)$(MAKE) -j2 -C agent

unit: ## host unit tests of the pure code, with ASan and UBSan
	$(Q)selftests/check unit

guests: ## fetch and build the kernels of all guests (long, once)
	$(Q)for k in uml-debug uml vng vng612 qemu-debug headers-new; do \
		selftests/guest/kernel -k $$k || exit 1; done

tools: build/tools/traffic ## the programs that the tests send traffic with, in build/tools/ and build/load/
	$(Q)$(MAKE) -s -C selftests/tools/load

build/tools/traffic: selftests/tools/traffic.c
	$(Q)mkdir -p $(@D) && $(CC) -O2 -Wall -Wextra -Wno-deprecated-declarations -o $@ $< -lcrypto

kselftest: modules-guest agent tools fuzz-tools ## kernel selftests in a guest (GUEST=, TESTS=)
	$(Q)$(guest) -t 2400 -n kselftest -- selftests/run-kselftests $(TESTS)

vectors: modules-guest ## ESP vectors through the module's code, in a guest (DIR=)
	$(Q)$(guest) -n vectors -- selftests/run-vectors $(if $(DIR),$(abspath $(DIR)))

messages: ## SIP messages (*.sip of DIR=) through parser, editor and proxy, one verdict each
	$(Q)test -n "$(DIR)" || { echo "make messages DIR=... with *.sip files" >&2; exit 2; }
	$(Q)$(MAKE) -s -C agent .obj-san/test/test_messages >&2
	$(Q)agent/.obj-san/test/test_messages $(abspath $(DIR))

e2e: modules-guest agent ## registrations end to end in a guest (GUEST=)
	$(Q)selftests/ims/fetch-kamailio > /dev/null
	$(Q)selftests/fetch-prometheus > /dev/null
	$(Q)$(guest) -t 2400 -n e2e -- selftests/ims/e2e $(TESTS)

vng: ## kernel selftests on Debian's stock kernel with two CPUs
	$(Q)$(MAKE) kselftest GUEST=vng

demo: deps ## two phones register over ESP, shown as it happens; leaves demo.pcapng
	$(Q)selftests/ims/demo

fuzz: fuzz-parsers modules-guest fuzz-tools ## all fuzzers, hours of them (FUZZ_SECONDS=, _MESSAGES=, _PACKETS=, _SEED=)
	$(Q)GMGATE_FUZZ_MESSAGES=$(FUZZ_MESSAGES) GMGATE_FUZZ_PACKETS=$(FUZZ_PACKETS) \
		GMGATE_FUZZ_SEED=$(FUZZ_SEED) $(guest) -t 14400 -n fuzz -- \
		env KSELFTEST_TIMEOUT=7000 selftests/run-kselftests selftests/fuzz

fuzz-parsers: ## libFuzzer on every parser of both halves (FUZZ_SECONDS= each)
	$(Q)$(MAKE) -C agent fuzz FUZZ_SECONDS=$(FUZZ_SECONDS)
	$(Q)$(MAKE) -C selftests/unit fuzz FUZZ_SECONDS=$(FUZZ_SECONDS)

fuzz-tools:
	$(Q)$(MAKE) -C selftests/fuzz

# A guest for figures: $(1) its memory, $(2) the seconds it may take, where nobody says other ones.
bench-guest = GMGATE_OUT=$(CURDIR)/build/bench $(if $(BENCH_CLOCK),,GMGATE_BENCH_UNIT=nanoseconds) \
	selftests/guest/run -k $(BENCH_GUEST) $(BENCH_CLOCK) -m $(or $(BENCH_MEMORY),$(1)) \
	-t $(or $(BENCH_SECONDS),$(2))

# All of the figures with few UEs; each of the two has options for more (BENCH=).
bench: ## cost of packets, UEs and the daemon, beside stock XFRM and Kamailio: build/bench/bench.json
	$(Q)$(MAKE) bench-packets BENCH=
	$(Q)$(MAKE) bench-agent BENCH="--ues 1000 --sample 300 --storm 2000 --kamailio 50"
	$(Q)selftests/bench/join.py build/bench

bench-packets: agent bench-tools ## cost per ESP packet, UE and REGISTER, in guest instructions
	$(Q)$(call bench-guest,3G,3000) \
		-n bench -- selftests/bench/bench.py $(BENCH)
	$(Q)$(MAKE) -C agent bench

bench-agent: agent tools ## cost of the daemon per registration, refresh, subscription and message
	$(Q)selftests/guest/modules -k $(BENCH_GUEST)
	$(Q)GMGATE_KAMAILIO=$$(selftests/ims/fetch-kamailio) $(call bench-guest,6G,6000) \
		-n agentbench -- selftests/bench/agentbench.py $(BENCH)

bench-advice: agent tools ## the figures of install.md's advice, made anew
	$(Q)selftests/guest/modules -k $(BENCH_GUEST)
	$(Q)GMGATE_OUT=$(CURDIR)/build/bench selftests/guest/run -k $(BENCH_GUEST) -t 1500 \
		-n advice -- selftests/bench/advice.sh

bench-abuse: agent tools ## what registered phones notice of floods, and what these cost
	$(Q)selftests/guest/modules -k $(BENCH_GUEST)
	$(Q)$(call bench-guest,2G,3000) \
		-n abuse -- selftests/bench/abuse.py $(BENCH)

endure: modules-guest agent tools ## an hour of everything at random, under KASAN (ENDURE="--seconds 3600 --seed 1")
	$(Q)$(guest) -t 14400 -m 2G -n endure -- selftests/bench/endure.py $(or $(ENDURE),--seconds 3600)

bench-tools: build/bench/packets build/bench/sets
	$(Q)selftests/guest/modules -k $(BENCH_GUEST)

build/bench/packets: selftests/bench/packets.c selftests/bench/plan.h
	$(Q)mkdir -p $(@D) && $(CC) -O2 -Wall -Wextra -o $@ $< -lcrypto

build/bench/sets: $(addprefix selftests/bench/,sets.c nl.c nl.h plan.h)
	$(Q)mkdir -p $(@D) && $(CC) -O2 -Wall -Wextra -Iinclude/uapi -o $@ $(filter %.c,$^)

check: deps ## every test there is; ends with N passed, N failed
	$(Q)selftests/check

lint: ## sparse, W=1, checkpatch, clang-tidy, shell and house rules
	$(Q)selftests/check lint

# Where each file goes below PREFIX, its mode and where it comes from.
define installed
sbin/gmgated|755|agent/gmgated
sbin/gmctl|755|agent/gmctl
share/man/man8/gmgated.8|644|Documentation/man/gmgated.8
share/man/man8/gmctl.8|644|Documentation/man/gmctl.8
share/man/man5/gmgate.yaml.5|644|Documentation/man/gmgate.yaml.5
share/bash-completion/completions/gmctl|644|packaging/bash-completion/gmctl
share/doc/gmgate/examples/gmgate.yaml|644|build/install/gmgate.yaml
include/linux/gmgate.h|644|include/uapi/linux/gmgate.h
lib/systemd/system/gmgated.service|644|build/install/gmgated.service
lib/sysusers.d/gmgate.conf|644|packaging/gmgate.sysusers
lib/tmpfiles.d/gmgate.conf|644|packaging/gmgate.tmpfiles
lib/sysctl.d/60-gmgate.conf|644|packaging/gmgate.sysctl
lib/modules-load.d/gmgate.conf|644|packaging/gmgate.modules-load
endef
export installed

release = $(shell sed -n 's/.*UTS_RELEASE "\(.*\)".*/\1/p' \
		"$(KDIR)/include/generated/utsrelease.h" 2>/dev/null)

install: modules install-agent ## all of it below PREFIX, and the module for KDIR
	install -D -m 644 build/$(release)/kmod/gmgate.ko \
		$(DESTDIR)/lib/modules/$(release)/updates/gmgate.ko
	$(if $(DESTDIR),:,depmod $(release))

install-agent: agent ## the same without the module (DKMS: Documentation/install.md)
	mkdir -p build/install
	sed 's,@sbindir@,$(PREFIX)/sbin,' packaging/gmgated.service > build/install/gmgated.service
	sed 's/^user: nobody$$/user: gmgate/' Documentation/gmgate.yaml > build/install/gmgate.yaml
	echo "$$installed" | while IFS='|' read -r to mode from; do \
		install -D -m $$mode "$$from" "$(DESTDIR)$(PREFIX)/$$to" || exit 1; done

uninstall: ## removes what install has put there; configuration and store stay
	echo "$$installed" | while IFS='|' read -r to mode from; do \
		rm -f "$(DESTDIR)$(PREFIX)/$$to" || exit 1; done
	rm -f $(DESTDIR)/lib/modules/*/updates/gmgate.ko
	$(if $(DESTDIR),:,depmod)

deb: ## Debian packages gmgate-dkms and gmgate-agent, in the folder above
	dpkg-buildpackage -b -us -uc

clean: ## remove what was built here (the guests' kernels stay in the cache)
	$(Q)$(MAKE) -C agent clean
	$(Q)rm -rf build demo.pcapng

.PHONY: help deps gen gen-check modules modules-guest agent unit guests kselftest vectors \
	e2e vng demo fuzz fuzz-parsers fuzz-tools tools bench bench-abuse bench-agent bench-packets bench-advice bench-tools endure check lint install \
	install-agent uninstall deb clean
