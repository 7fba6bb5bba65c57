/* Pages of shared libraries that were read once and are not needed again. */
#ifndef TP_PLATFORM_NET_LIBRARY_PAGES_H
#define TP_PLATFORM_NET_LIBRARY_PAGES_H

/* Unmaps the clean, file-backed pages of the program and its libraries; what is needed comes back
 * from the page cache by itself.  libcurl brings 30 libraries (LDAP, Kerberos, SSH, ...) of which
 * we use a tenth: linking reads their symbol tables, starting OpenSSL reads its lists of
 * algorithms, and both would count as this process's memory for good.  Never fails: where it
 * cannot, nothing changes.
 *
 * Thread: any; costs each some page faults without I/O. */
void tp_library_pages_release(void);

#endif
