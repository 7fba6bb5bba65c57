/* What headers.cmake puts each header before: C wants a declaration. */
typedef int tp_alone;
