# C types of digits.py.
cimport cython

cdef extern from "math.h" nogil:
    bint isfinite(double)
    bint isnan(double)

cdef extern from *:
    """
    #include <stdlib.h>
    #include <string.h>
    #if defined(__cplusplus) && __cplusplus >= 201703L
      #if __has_include(<charconv>)
        #include <charconv>
      #endif
    #endif
    #if defined(__cpp_lib_to_chars)

    /* "d.ddde+XX", laid out as float.__repr__ has it (float_repr_style short), without ".0". */
    static Py_ssize_t pyrhi_digits(double value, unsigned char *out) {
        char text[40], digits[24];
        char *end = std::to_chars(text, text + sizeof text, value, std::chars_format::scientific).ptr;
        const char *at = text;
        unsigned char *to = out;
        int count = 0, exponent = 0, negative = 0, point, i;
        if (*at == '-') { *to++ = '-'; at++; }
        for (; at < end && *at != 'e'; at++)
            if (*at != '.') digits[count++] = *at;
        at++;
        if (*at == '-') negative = 1;
        for (at++; at < end; at++) exponent = 10 * exponent + (*at - '0');
        point = (negative ? -exponent : exponent) + 1;
        if (point > 16 || point < -3) {
            *to++ = digits[0];
            if (count > 1) { *to++ = '.'; memcpy(to, digits + 1, count - 1); to += count - 1; }
            *to++ = 'e';
            exponent = point - 1;
            *to++ = exponent < 0 ? '-' : '+';
            if (exponent < 0) exponent = -exponent;
            if (exponent >= 100) *to++ = '0' + exponent / 100;
            *to++ = '0' + exponent / 10 % 10;
            *to++ = '0' + exponent % 10;
        } else if (point <= 0) {
            *to++ = '0'; *to++ = '.';
            for (i = point; i < 0; i++) *to++ = '0';
            memcpy(to, digits, count); to += count;
        } else {
            for (i = 0; i < point; i++) *to++ = i < count ? digits[i] : '0';
            if (count > point) {
                *to++ = '.'; memcpy(to, digits + point, count - point); to += count - point;
            }
        }
        return to - out;
    }

    #else

    static Py_ssize_t pyrhi_digits(double value, unsigned char *out) {
        char *text = PyOS_double_to_string(value, 'r', 0, 0, NULL);
        size_t length = text ? strlen(text) : 0;
        memcpy(out, text, length);
        PyMem_Free(text);
        return (Py_ssize_t) length;
    }

    #endif
    #define PYRHI_DIGITS(value, place) pyrhi_digits(value, place)
    """
    Py_ssize_t _pyrhi_digits "PYRHI_DIGITS" (double value, unsigned char *place)

cdef extern from "Python.h":
    object _from_ascii "PyUnicode_DecodeASCII" (const char *text, Py_ssize_t length, const char *errors)

cdef inline Py_ssize_t _digits(double value, unsigned char[::1] out, Py_ssize_t at):
    return _pyrhi_digits(value, &out[at])

@cython.locals(i=Py_ssize_t)
cdef Py_ssize_t _put(const unsigned char[::1] text, unsigned char[::1] out, Py_ssize_t at)

cdef unsigned char[::1] _ONE

cdef Py_ssize_t _cell(double value, unsigned char[::1] out, Py_ssize_t at)

cpdef str cell_of(double value)

@cython.locals(at=Py_ssize_t, i=Py_ssize_t)
cdef Py_ssize_t _line(const double[::1] values, Py_ssize_t without, unsigned char[::1] out)

cdef inline str _text(unsigned char[::1] out, Py_ssize_t length):
    return _from_ascii(<const char *> &out[0], length, NULL)

@cython.locals(i=Py_ssize_t, length=Py_ssize_t)
cdef list _lines(const double[::1] flat, Py_ssize_t count, Py_ssize_t width, Py_ssize_t without,
                 unsigned char[::1] out)
