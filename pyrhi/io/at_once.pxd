# C types of at_once.py.
cimport cython

cdef extern from *:
    """
    #if defined(_WIN32)

    #define PYRHI_POSIX 0
    static PyObject *pyrhi_open_all(PyObject *images, PyObject *others, Py_ssize_t head,
                                    Py_ssize_t most) { Py_RETURN_NONE; }
    static PyObject *pyrhi_read_all(PyObject *parts, unsigned char *to) { Py_RETURN_NONE; }

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

    /* A file alone: a pipe or a device might be waited for. */
    static int pyrhi_open_regular(const char *path, struct stat *status) {
        int file = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK);
        if (file < 0 || (!fstat(file, status) && S_ISREG(status->st_mode))) return file;
        close(file);
        return -1;
    }

    typedef struct {
        const char *image, *other;
        struct stat status, second;
        int file;
        Py_ssize_t begins, holds;
        char *start, *data;
    } pyrhi_opened;

    static void pyrhi_open(pyrhi_opened *o, Py_ssize_t head, Py_ssize_t most) {
        int beside = -1;
        o->begins = o->holds = -1;
        o->data = NULL;
        o->start = (char *) malloc(head + 1);
        o->file = pyrhi_open_regular(o->image, &o->status);
        if (o->file >= 0 && o->start)
            o->begins = pread(o->file, o->start, head, 0);
        if (o->begins < 0 || (beside = pyrhi_open_regular(o->other, &o->second)) < 0) return;
        if (o->second.st_size <= most && (o->data = (char *) malloc(o->second.st_size + 1)))
            o->holds = pread(beside, o->data, o->second.st_size + 1, 0);
        close(beside);
        if (o->holds != o->second.st_size) o->holds = -1;
    }

    static PyObject *pyrhi_told(pyrhi_opened *o) {
        PyObject *found = NULL;
        if (o->holds >= 0)
            found = Py_BuildValue("iLLy#LLy#", o->file, (long long) o->status.st_size,
                                  pyrhi_ns(&o->status), o->start, o->begins,
                                  (long long) o->second.st_size, pyrhi_ns(&o->second),
                                  o->data, o->holds);
        if (!found && o->file >= 0) close(o->file);
        if (!found && !PyErr_Occurred()) {
            Py_INCREF(Py_None);
            found = Py_None;
        }
        free(o->start);
        free(o->data);
        return found;
    }

    /* Lists of paths as bytes; gives what each pair is, or None. */
    static PyObject *pyrhi_open_all(PyObject *images, PyObject *others, Py_ssize_t head,
                                    Py_ssize_t most) {
        Py_ssize_t i, n = PyList_GET_SIZE(images);
        pyrhi_opened *all = (pyrhi_opened *) calloc(n + 1, sizeof *all);
        PyObject *found = all ? PyList_New(n) : PyErr_NoMemory();
        if (!found) {
            free(all);
            return NULL;
        }
        for (i = 0; i < n; i++) {
            all[i].image = PyBytes_AS_STRING(PyList_GET_ITEM(images, i));
            all[i].other = PyBytes_AS_STRING(PyList_GET_ITEM(others, i));
        }
        Py_BEGIN_ALLOW_THREADS
        for (i = 0; i < n; i++) pyrhi_open(&all[i], head, most);
        Py_END_ALLOW_THREADS
        for (i = 0; i < n; i++) PyList_SET_ITEM(found, i, pyrhi_told(&all[i]));
        free(all);
        if (PyErr_Occurred()) Py_CLEAR(found);
        return found;
    }

    /* A list of (descriptor, place, size): writes the parts one after another, and closes each
       file after its last part; gives whether each was there. */
    static PyObject *pyrhi_read_all(PyObject *parts, unsigned char *to) {
        Py_ssize_t i, n = PyList_GET_SIZE(parts);
        typedef struct { int file; long long at; Py_ssize_t size, holds; } part;
        part *p, *all = (part *) calloc(n + 1, sizeof *all);
        PyObject *found = all ? PyList_New(n) : PyErr_NoMemory();
        if (!found) {
            free(all);
            return NULL;
        }
        for (i = 0; i < n; i++) {
            p = all + i;
            if (!PyArg_ParseTuple(PyList_GET_ITEM(parts, i), "iLn", &p->file, &p->at, &p->size)) {
                free(all);
                Py_DECREF(found);
                return NULL;
            }
        }
        Py_BEGIN_ALLOW_THREADS
        for (p = all; p < all + n; p++) {
            p->holds = p->size ? pread(p->file, to, p->size, p->at) : 0;
            to += p->size;
            if (p + 1 == all + n || p[1].file != p->file) close(p->file);
        }
        Py_END_ALLOW_THREADS
        for (i = 0; i < n; i++)
            PyList_SET_ITEM(found, i, PyBool_FromLong(all[i].holds == all[i].size));
        free(all);
        return found;
    }

    #endif
    """
    int _POSIX "PYRHI_POSIX"
    object _open_all "pyrhi_open_all" (list images, list others, Py_ssize_t head, Py_ssize_t most)
    object _pyrhi_read_all "pyrhi_read_all" (list parts, unsigned char *to)

cdef inline object _read_all(list parts, unsigned char[::1] to):
    return _pyrhi_read_all(parts, &to[0])
