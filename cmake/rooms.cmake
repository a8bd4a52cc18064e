# The rooms, in the order they are built, and what each may include: the one table, as code.
# The link lines of the room libraries and of their tests follow from it, and tools/check_includes.py
# reads it. A room names every room it may include, also those that come with another one.

set(HOLDFAST_ROOMS "")

function(holdfast_declare_room room)
  foreach(other IN LISTS ARGN)
    if(NOT other IN_LIST HOLDFAST_ROOMS)
      message(FATAL_ERROR "rooms: ${room} may include ${other}, which is not declared above it")
    endif()
    foreach(behind IN LISTS HOLDFAST_MAY_INCLUDE_${other})
      if(NOT behind IN_LIST ARGN)
        message(FATAL_ERROR "rooms: ${room} may include ${other} and so must name ${behind}, too")
      endif()
    endforeach()
  endforeach()
  set(HOLDFAST_ROOMS ${HOLDFAST_ROOMS} ${room} PARENT_SCOPE)
  set(HOLDFAST_MAY_INCLUDE_${room} ${ARGN} PARENT_SCOPE)
endfunction()

holdfast_declare_room(base)
holdfast_declare_room(data      base)
holdfast_declare_room(stats     base data)
holdfast_declare_room(models    base data)
holdfast_declare_room(package   base data stats models)
holdfast_declare_room(monitor   base data stats)
holdfast_declare_room(policy    base data stats)
holdfast_declare_room(serving   base data models)
holdfast_declare_room(store     base data)
holdfast_declare_room(workspace base data stats models package monitor serving store)
holdfast_declare_room(loop      base data stats models package monitor serving store workspace policy)
holdfast_declare_room(torch     base data models)

# libholdfast is made of these; the torch room has a library of its own.
set(HOLDFAST_CORE_ROOMS ${HOLDFAST_ROOMS})
list(REMOVE_ITEM HOLDFAST_CORE_ROOMS torch)
