# C types of java.py.
cimport cython

cdef extern from "math.h" nogil:
    double _copysign "copysign" (double, double)
    double _floor "floor" (double)
    bint _isfinite "isfinite" (double)
    double _sqrt "sqrt" (double)

cdef extern from * nogil:
    """
    #define PYRHI_FLOAT(value) ((float) (value))
    #define PYRHI_WHOLE(value) ((long long) (value))
    """
    float _float "PYRHI_FLOAT" (double)
    long long _whole "PYRHI_WHOLE" (double)

cdef double _INT_MIN
cdef double _INT_MAX
cdef double _LONG_LIMIT
cdef double _NAN
cdef double _INFINITY

cpdef long long to_int(double value) noexcept nogil
cpdef long long floor_int(double value) noexcept nogil

@cython.locals(whole="long long")
cpdef long long round_long(double value) noexcept nogil

cpdef double single(double value) noexcept nogil
cpdef double divide(double dividend, double divisor) noexcept nogil
cpdef double sqrt(double value) noexcept nogil
