# C types of at_once.py.
cimport cython

cdef extern from *:
    """
    #if defined(_WIN32)

    #define PYRHI_POSIX 0
    static PyObject *pyrhi_open_both(const char *image, const char *other, Py_ssize_t head,
                                     Py_ssize_t most) { Py_RETURN_NONE; }
    static PyObject *pyrhi_read_and_close(int file, long long at, Py_ssize_t size) {
        Py_RETURN_NONE;
    }

    #else

    #define PYRHI_POSIX 1
    #include <fcntl.h>
    #include <sys/stat.h>
    #include <unistd.h>
    #include <stdlib.h>
    #if defined(__APPLE__)
      #define PYRHI_MTIME(status) ((status).st_mtimespec)
    #else
      #define PYRHI_MTIME(status) ((status).st_mtim)
    #endif

    static long long pyrhi_ns(const struct stat *status) {
        return 1000000000LL * PYRHI_MTIME(*status).tv_sec + PYRHI_MTIME(*status).tv_nsec;
    }

    static PyObject *pyrhi_open_both(const char *image, const char *other, Py_ssize_t head,
                                     Py_ssize_t most) {
        struct stat status, second;
        int file, beside = -1;
        Py_ssize_t begins = -1, holds = -1;
        char *data = NULL, *start = (char *) malloc(head + 1);
        Py_BEGIN_ALLOW_THREADS
        file = open(image, O_RDONLY | O_CLOEXEC);
        if (file >= 0 && start && !fstat(file, &status))
            begins = pread(file, start, head, 0);
        if (begins >= 0 && (beside = open(other, O_RDONLY | O_CLOEXEC)) >= 0) {
            if (!fstat(beside, &second) && second.st_size <= most
                    && (data = (char *) malloc(second.st_size + 1)))
                holds = pread(beside, data, second.st_size + 1, 0);
            close(beside);
        }
        Py_END_ALLOW_THREADS
        PyObject *found = NULL;
        if (holds >= 0 && holds == second.st_size) {
            found = Py_BuildValue("iLLy#LLy#", file, (long long) status.st_size,
                                  pyrhi_ns(&status), start, begins,
                                  (long long) second.st_size, pyrhi_ns(&second), data, holds);
            if (!found) close(file);
        } else {
            if (file >= 0) close(file);
            found = Py_NewRef(Py_None);
        }
        free(start);
        free(data);
        return found;
    }

    static PyObject *pyrhi_read_and_close(int file, long long at, Py_ssize_t size) {
        PyObject *data = PyBytes_FromStringAndSize(NULL, size);
        Py_ssize_t holds = -1;
        char *start = data ? PyBytes_AS_STRING(data) : NULL;
        Py_BEGIN_ALLOW_THREADS
        if (start) holds = pread(file, start, size, at);
        close(file);
        Py_END_ALLOW_THREADS
        if (data && holds != size) {
            Py_DECREF(data);
            Py_RETURN_NONE;
        }
        return data;
    }

    #endif
    """
    int _POSIX "PYRHI_POSIX"
    object _open_both "pyrhi_open_both" (const char *image, const char *other, Py_ssize_t head,
                                         Py_ssize_t most)
    object _read_and_close "pyrhi_read_and_close" (int file, long long at, Py_ssize_t size)
