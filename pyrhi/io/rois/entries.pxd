# C types of entries.py.
cimport cython

cdef long long _MAX_ENTRIES
cdef long long _MAX_BYTES
cdef long long _END_BYTES
cdef long long _CENTRAL_BYTES
cdef long long _LOCAL_BYTES
cdef long long _NEWEST
cdef long long _ENCRYPTED_OR_PATCHED
cdef long long _MARK_END
cdef long long _MARK_CENTRAL
cdef long long _MARK_LOCAL

cdef long long _two(const unsigned char[::1] data, long long at) noexcept
cdef long long _four(const unsigned char[::1] data, long long at) noexcept

@cython.locals(at="long long", count="long long")
cdef long long _count(const unsigned char[::1] data) noexcept

@cython.locals(end="long long", flags="long long", method="long long", packed="long long",
               unpacked="long long", length="long long", place="long long",
               following="long long", name="long long", k="long long", letter=int,
               content="long long")
cdef long long _entry(const unsigned char[::1] data, long long at, long long free,
                      long long limit, long long[::1] out, long long row) noexcept

@cython.locals(start="long long", at="long long", free="long long", row="long long")
cdef bint _directory(const unsigned char[::1] data, long long count,
                     long long[::1] out) noexcept
