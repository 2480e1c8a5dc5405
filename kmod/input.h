/* SPDX-License-Identifier: GPL-2.0-or-later */
/* gmgate: the way in. */
#ifndef _GMG_INPUT_H
#define _GMG_INPUT_H

int gmg_input_init(void);
void gmg_input_exit(void);

#endif /* _GMG_INPUT_H */
